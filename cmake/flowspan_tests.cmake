# SPDX-FileCopyrightText: 2026 The flowspan authors
# SPDX-License-Identifier: Apache-2.0

if(FLOWSPAN_TESTS AND FLOWSPAN_UNIT_TESTS)
  find_package(GTest REQUIRED)
  include(GoogleTest)
endif()
if(FLOWSPAN_TESTS AND NOT FLOWSPAN_FUZZ)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
endif()

# flowspan_unit_test(<name> SOURCES … LIBS …): test_<name>, one ctest test for each TEST in it.
function(flowspan_unit_test name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBS" ${ARGN})
  flowspan_included(included ${arg_SOURCES})
  add_executable(test_${name} ${arg_SOURCES})
  target_link_libraries(test_${name} PRIVATE
    flowspan_${name} ${included} ${arg_LIBS} GTest::gmock GTest::gtest_main)
  target_compile_definitions(test_${name} PRIVATE FLOWSPAN_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  set_target_properties(test_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  gtest_discover_tests(test_${name} DISCOVERY_MODE PRE_TEST TEST_PREFIX "${name}." PROPERTIES LABELS unit TIMEOUT 120)
endfunction()

# flowspan_programs(<folder> SOURCES … LIBS …): each file one executable in <build>/<folder>, linked with what it
# includes.
function(flowspan_programs folder)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBS" ${ARGN})
  foreach(source IN LISTS arg_SOURCES)
    get_filename_component(program ${source} NAME_WE)
    flowspan_included(included ${source})
    add_executable(${program} ${source})
    target_link_libraries(${program} PRIVATE flowspan_options ${included} ${arg_LIBS})
    set_target_properties(${program} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/${folder})
  endforeach()
endfunction()

# flowspan_python_test(<file> LABEL <label>): a unittest file as one ctest test, run in its own folder.
# Lines in the file: "# ctest: serial" keeps other tests away while it runs, "# ctest: timeout N" gives it N seconds,
# "# ctest: labels A B" adds labels (tsan, release: ./dev test --long runs it in these builds too).
function(flowspan_python_test file)
  cmake_parse_arguments(arg "" "LABEL;TIMEOUT" "" ${ARGN})
  get_filename_component(folder ${file} DIRECTORY)
  get_filename_component(module ${file} NAME_WE)
  set(test ${arg_LABEL}.${module})
  add_test(NAME ${test} COMMAND ${Python3_EXECUTABLE} -B -m unittest -v ${module} WORKING_DIRECTORY ${folder})
  file(STRINGS ${file} marks REGEX "^# ctest: ")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  if(marks MATCHES "timeout ([0-9]+)")
    set(arg_TIMEOUT ${CMAKE_MATCH_1})
  endif()
  set(labels ${arg_LABEL})
  if(marks MATCHES "labels ([a-z ]+)")
    string(REPLACE " " ";" more "${CMAKE_MATCH_1}")
    list(APPEND labels ${more})
  endif()
  if(FLOWSPAN_SANITIZE)
    math(EXPR arg_TIMEOUT "${arg_TIMEOUT} * 3")
  endif()
  set_property(TEST ${test} PROPERTY LABELS ${labels})
  set_property(TEST ${test} PROPERTY TIMEOUT ${arg_TIMEOUT})
  set_property(TEST ${test} PROPERTY ENVIRONMENT
    FLOWSPAN=${CMAKE_BINARY_DIR}/flowspan FLOWSPAN_TOOLS=${CMAKE_BINARY_DIR}/tools
    FLOWSPAN_SOURCE=${CMAKE_SOURCE_DIR} FLOWSPAN_SHARED=${CMAKE_SOURCE_DIR}/../shared
    FLOWSPAN_SANITIZE=${FLOWSPAN_SANITIZE} PYTHONPATH=${CMAKE_SOURCE_DIR}/tests PYTHONUNBUFFERED=1)
  if(marks MATCHES "serial")
    set_property(TEST ${test} PROPERTY RUN_SERIAL TRUE)
  endif()
endfunction()
