// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once
// The shipping shape, for a bench that is compiled by hand; the build names every parameter.
#ifndef ROWS
#define ROWS 16
#endif
#ifndef COLS
#define COLS 16
#endif
#ifndef LANES
#define LANES 16
#endif
#ifndef DRAINWIDTH
#define DRAINWIDTH 32
#endif
