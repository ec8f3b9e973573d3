# The libraries we stand on. Each is named again in tests/setup.sh (packages),
# cmake/proficio-config.cmake.in and cmake/proficio.pc.in.
find_package(PkgConfig REQUIRED)
pkg_check_modules(OPENBLAS REQUIRED IMPORTED_TARGET openblas)
pkg_check_modules(LAPACKE REQUIRED IMPORTED_TARGET lapacke)
pkg_check_modules(HDF5 REQUIRED IMPORTED_TARGET hdf5)
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
if(PFC_SQLITE)
  pkg_check_modules(SQLITE IMPORTED_TARGET sqlite3)
  if(NOT SQLITE_FOUND)
    message(FATAL_ERROR "SQLite is not installed (Debian: libsqlite3-dev). "
      "-DPFC_SQLITE=OFF builds without it, and without the feedback store.")
  endif()
  set(PFC_SQLITE_MODULE sqlite3)
endif()
find_package(OpenMP REQUIRED COMPONENTS C)

# libcsv has no pkg-config file.
find_library(PFC_CSV_LIBRARY csv REQUIRED)
find_path(PFC_CSV_INCLUDE csv.h REQUIRED)
mark_as_advanced(PFC_CSV_LIBRARY PFC_CSV_INCLUDE)
add_library(Csv::Csv UNKNOWN IMPORTED)
set_target_properties(Csv::Csv PROPERTIES
  IMPORTED_LOCATION ${PFC_CSV_LIBRARY}
  INTERFACE_INCLUDE_DIRECTORIES ${PFC_CSV_INCLUDE})
