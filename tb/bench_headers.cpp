// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
// The owner of the precompiled headers that the benches share.
