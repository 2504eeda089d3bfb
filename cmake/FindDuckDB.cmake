# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0
#
# DuckDB's C API: the system's where there is one, else what scripts/fetch_duckdb.sh laid into third_party/duckdb.
# Defines DuckDB::DuckDB. Hint: -DDuckDB_ROOT=/path/with/include/and/lib.

set(_duckdb_here ${CMAKE_SOURCE_DIR}/third_party/duckdb)
find_path(DuckDB_INCLUDE_DIR duckdb.h PATHS ${_duckdb_here}/include)
find_library(DuckDB_LIBRARY duckdb PATHS ${_duckdb_here}/lib)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(DuckDB
  REQUIRED_VARS DuckDB_LIBRARY DuckDB_INCLUDE_DIR
  REASON_FAILURE_MESSAGE "Run ./dev setup, which fetches it, or give -DDuckDB_ROOT=DIR")

if(DuckDB_FOUND AND NOT TARGET DuckDB::DuckDB)
  add_library(DuckDB::DuckDB SHARED IMPORTED)
  set_target_properties(DuckDB::DuckDB PROPERTIES
    IMPORTED_LOCATION ${DuckDB_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${DuckDB_INCLUDE_DIR})
endif()
mark_as_advanced(DuckDB_INCLUDE_DIR DuckDB_LIBRARY)
