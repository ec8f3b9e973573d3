# A floor is a folder: its sources compile into the object library pfc_NAME, which
# knows the floors it USES and nothing above them. A folder without sources is
# skipped, and so is whatever would stand on it alone.

# pfc_floor(NAME USES floor... PRIVATE_LIBS target... WITHOUT source...)
function(pfc_floor name)
  cmake_parse_arguments(arg "" "" "USES;PRIVATE_LIBS;WITHOUT" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${name}/*.c)
  list(REMOVE_ITEM sources ${arg_WITHOUT})
  if(NOT sources)
    return()
  endif()
  add_library(pfc_${name} OBJECT ${sources})
  target_link_libraries(pfc_${name}
    PUBLIC PkgConfig::HDF5 PkgConfig::CJSON
    PRIVATE pfc_flags ${arg_PRIVATE_LIBS})
  foreach(floor IN LISTS arg_USES)
    if(TARGET pfc_${floor})
      add_dependencies(pfc_${name} pfc_${floor})
    endif()
  endforeach()
endfunction()

# Sets OUT to the object files of those of the named floors that exist.
function(pfc_objects out)
  set(objects)
  foreach(floor IN LISTS ARGN)
    if(TARGET pfc_${floor})
      list(APPEND objects $<TARGET_OBJECTS:pfc_${floor}>)
    endif()
  endforeach()
  set(${out} ${objects} PARENT_SCOPE)
endfunction()

# pfc_library(floor...): libproficio, shared and static, with what installs beside it.
function(pfc_library)
  include(CMakePackageConfigHelpers)
  pfc_objects(objects ${ARGN})
  set(private_libs PkgConfig::OPENBLAS PkgConfig::LAPACKE PkgConfig::ZLIB PkgConfig::CRYPTO
    $<TARGET_NAME_IF_EXISTS:PkgConfig::SQLITE> Csv::Csv OpenMP::OpenMP_C m)
  foreach(kind shared static)
    string(TOUPPER ${kind} type)
    add_library(proficio_${kind} ${type} ${objects})
    add_library(proficio::${kind} ALIAS proficio_${kind})
    set_target_properties(proficio_${kind} PROPERTIES
      OUTPUT_NAME proficio EXPORT_NAME ${kind} LINKER_LANGUAGE C
      VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
    target_include_directories(proficio_${kind} INTERFACE
      $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
      $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/proficio>)
    target_link_libraries(proficio_${kind}
      PUBLIC PkgConfig::HDF5 PkgConfig::CJSON PRIVATE ${private_libs})
  endforeach()

  install(TARGETS proficio_shared proficio_static EXPORT proficio
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  foreach(floor IN LISTS ARGN)
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/${floor}
      DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/proficio
      FILES_MATCHING PATTERN "*.h" PATTERN "*_internal.h" EXCLUDE)
  endforeach()

  set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/proficio)
  install(EXPORT proficio NAMESPACE proficio:: FILE proficio-targets.cmake
    DESTINATION ${package_dir})
  configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/proficio-config.cmake.in
    ${PROJECT_BINARY_DIR}/proficio-config.cmake INSTALL_DESTINATION ${package_dir})
  write_basic_package_version_file(${PROJECT_BINARY_DIR}/proficio-config-version.cmake
    COMPATIBILITY SameMinorVersion)
  file(RELATIVE_PATH pc_to_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig
    ${CMAKE_INSTALL_PREFIX})
  configure_file(${PROJECT_SOURCE_DIR}/cmake/proficio.pc.in
    ${PROJECT_BINARY_DIR}/proficio.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/proficio-config.cmake
    ${PROJECT_BINARY_DIR}/proficio-config-version.cmake DESTINATION ${package_dir})
  install(FILES ${PROJECT_BINARY_DIR}/proficio.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()

# pfc_program(floor...): the executable, once there is a cli. Its objects also make
# an archive of their own, so that tests can reach every function but main.
function(pfc_program)
  pfc_objects(objects ${ARGN})
  if(objects)
    add_library(pfc_tools STATIC ${objects})
    target_link_libraries(pfc_tools PUBLIC proficio_static)
  endif()
  if(TARGET pfc_cli)
    add_executable(proficio ${objects})
    set_target_properties(proficio PROPERTIES LINKER_LANGUAGE C)
    target_link_libraries(proficio PRIVATE proficio_static)
    install(TARGETS proficio RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  endif()
endfunction()
