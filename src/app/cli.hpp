// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace flowspan::app {

/// The program: reads the command line and runs the verb. The exit code.
int run_program(int argc, char** argv);

}  // namespace flowspan::app
