// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

// Places where a test build may die, stall or fail on purpose, so that recovery is tested at every step.
// FLOWSPAN_FAULT="NAME:ACTION[:COUNT]" (comma-separated for several): at the COUNT-th passage (default 1) of the point
// NAME the process kills itself (ACTION kill), sleeps 2 s (stall), or the step reports a full disk (no-space, for every passage
// while the file named by FLOWSPAN_FAULT_WHILE exists, if that is set). A release build has none of this.

// FLOWSPAN_FAULT_POISON="HEX": a datagram whose payload begins with these bytes kills the process when it is decoded, as
// a defect of a decoder would (SIGSEGV), always again.

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace flowspan {

#ifdef FLOWSPAN_FAULTS
Status fault_point(const char* name);
void fault_on_poison(Bytes payload);
#else
inline Status fault_point(const char*) { return {}; }
inline void fault_on_poison(Bytes) {}
#endif

}  // namespace flowspan
