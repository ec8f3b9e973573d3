# Tests say in their first lines when they run and what kind they are:
#   // labels: property check      (C)
#   # labels: golden nightly       (sh)
# Without such a line a test is `unit check`. What carries neither `check` nor
# `nightly` is `check`. Every test runs in a scratch folder of its own.

# And what of the build they need besides, when it may go without:
#   # needs: PFC_SQLITE
# Such a file is left out of a build that has it not.

# Leaves out of the LIST files that need what this build has not.
function(pfc_leave_out list)
  set(possible)
  foreach(file IN LISTS ${list})
    set(is_possible TRUE)
    file(STRINGS ${file} lines LIMIT_COUNT 5 REGEX "^(//|#) *needs: ")
    foreach(line IN LISTS lines)
      string(REGEX REPLACE "^.*needs: *" "" option "${line}")
      if(NOT ${option})
        set(is_possible FALSE)
      endif()
    endforeach()
    if(is_possible)
      list(APPEND possible ${file})
    endif()
  endforeach()
  set(${list} ${possible} PARENT_SCOPE)
endfunction()

# Sets OUT to the labels of a test file, and has CMake run again when it changes.
function(pfc_labels out file)
  set(labels unit check)
  file(STRINGS ${file} lines LIMIT_COUNT 5)
  foreach(line IN LISTS lines)
    if(line MATCHES "^(//|#|/\\*) *labels: *([a-z ]+)")
      string(STRIP "${CMAKE_MATCH_2}" labels)
      string(REGEX REPLACE " +" ";" labels "${labels}")
    endif()
  endforeach()
  if(NOT "nightly" IN_LIST labels AND NOT "check" IN_LIST labels)
    list(APPEND labels check)
  endif()
  set(${out} "${labels}" PARENT_SCOPE)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
endfunction()

# pfc_add_test(NAME FILE COMMAND...): registers with ctest. Unit tests run first.
function(pfc_add_test name file)
  set(scratch ${CMAKE_CURRENT_BINARY_DIR}/scratch/${name})
  file(MAKE_DIRECTORY ${scratch})
  pfc_labels(labels ${file})
  set(cost 1)
  set(timeout 600)
  if("unit" IN_LIST labels)
    set(cost 1000)
    set(timeout 120)
  elseif("nightly" IN_LIST labels)
    set(timeout 7200)
  endif()
  set(environment SRC=${PROJECT_SOURCE_DIR} BUILD_TYPE=${CMAKE_BUILD_TYPE}
    UBSAN_OPTIONS=print_stacktrace=1
    LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/support/lsan.supp:print_suppressions=0)
  if(TARGET proficio)
    list(APPEND environment PROFICIO=$<TARGET_FILE:proficio>)
  endif()
  if(TARGET pfc_faults)
    list(APPEND environment FAULTS_LIBRARY=$<TARGET_FILE:pfc_faults>)
  endif()
  add_test(NAME ${name} COMMAND ${ARGN} WORKING_DIRECTORY ${scratch})
  set_tests_properties(${name} PROPERTIES
    LABELS "${labels}" COST ${cost} TIMEOUT ${timeout} ENVIRONMENT "${environment}")
endfunction()

# pfc_test(NAME SOURCE): one executable from one file. Allocations of ours go through
# tests/support/oom.c, which can make the n-th fail.
function(pfc_test name source)
  string(REPLACE "." "_" target test_${name})
  add_executable(${target} ${source})
  target_link_libraries(${target} PRIVATE pfc_flags pfc_test_support)
  target_link_options(${target} PRIVATE -Wl,--wrap=aligned_alloc
    -Wl,--undefined=__wrap_aligned_alloc)
  pfc_add_test(${name} ${source} ${target})
endfunction()

# pfc_fuzz(NAME SOURCE): under PFC_FUZZ a libFuzzer program, else a replay of the
# stored corpus as a test.
function(pfc_fuzz name source)
  if(PFC_FUZZ)
    add_executable(fuzz_${name} ${source})
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    target_link_libraries(fuzz_${name} PRIVATE pfc_flags
      $<TARGET_NAME_IF_EXISTS:pfc_tools> proficio_static PkgConfig::ZLIB)
  else()
    add_executable(fuzz_${name} ${source} ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/replay.c)
    target_link_libraries(fuzz_${name} PRIVATE pfc_flags
      $<TARGET_NAME_IF_EXISTS:pfc_tools> proficio_static PkgConfig::ZLIB)
    pfc_add_test(fuzz.${name} ${source}
      fuzz_${name} ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${name})
  endif()
endfunction()
