# Compiler flags. Floating point stays strict apart from errno: no -ffast-math.
# Contraction into fused multiply-adds keeps the compiler's default, because it is
# decided when the code is compiled and so cannot depend on the number of threads.
include(CheckCCompilerFlag)
include(CheckCSourceRuns)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, Debug or RelWithDebInfo" FORCE)
endif()

set(CMAKE_C_STANDARD 11)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_C_FLAGS_RELEASE "-O3 -g -DNDEBUG")
set(CMAKE_C_FLAGS_DEBUG "-O1 -g -fno-omit-frame-pointer")

# Release code for the x86-64 of the last ten years (AVX2, FMA), if this CPU is one.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$" AND NOT CMAKE_CROSSCOMPILING)
  check_c_compiler_flag(-march=x86-64-v3 PFC_HAVE_X86_64_V3)
  check_c_source_runs("int main(void) {
      return !(__builtin_cpu_supports(\"avx2\") && __builtin_cpu_supports(\"fma\")
               && __builtin_cpu_supports(\"bmi2\"));
    }" PFC_CPU_IS_V3)
endif()
if(PFC_HAVE_X86_64_V3 AND PFC_CPU_IS_V3)
  set(march_default x86-64-v3)
endif()
set(PFC_MARCH "${march_default}" CACHE STRING "Target of release builds (-march); may be empty")

add_library(pfc_flags INTERFACE)
target_include_directories(pfc_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(pfc_flags INTERFACE _GNU_SOURCE
  PFC_VERSION="${PROJECT_VERSION}")
# Messages are cut to their room on purpose: no -Wformat-truncation.
target_compile_options(pfc_flags INTERFACE
  -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith
  -Wcast-qual -Wundef -Wvla
  $<$<C_COMPILER_ID:GNU>:-Wno-format-truncation>
  -fno-math-errno
  $<$<AND:$<CONFIG:Release>,$<BOOL:${PFC_MARCH}>>:-march=${PFC_MARCH}>)
