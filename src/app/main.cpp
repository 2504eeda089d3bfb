// SPDX-FileCopyrightText: 2026 The flowspan authors
// SPDX-License-Identifier: Apache-2.0
#include "app/cli.hpp"

int main(int argc, char** argv) { return flowspan::app::run_program(argc, argv); }
