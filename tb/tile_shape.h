// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once
// The shipping shape, for a bench that is compiled by hand; the build names every parameter.
#ifndef DUT_ROWS
#define DUT_ROWS 16
#endif
#ifndef DUT_COLS
#define DUT_COLS 16
#endif
#ifndef DUT_LANES
#define DUT_LANES 16
#endif
#ifndef DUT_DRAINWIDTH
#define DUT_DRAINWIDTH 32
#endif
