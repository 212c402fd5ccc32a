# SPDX-License-Identifier: Apache-2.0
# SystemVerilog → C++. One place holds the flags that make the model fast.
#
#   cuatro_verilate(<target> TOP <module> [PREFIX <class>] [PARAMS Name=value …] [TRACE] [ASSERT] [TEST] [FILES file …]
#                   [FOLDER folder] [FLAGS flag …] [DEPENDS file …])
#
# makes a static library <target> whose class is V<module> unless PREFIX says otherwise.
# Style is `make lint`'s affair. Why these flags: OPT_FAST and OPT_GLOBAL default to -Os, which vectorises
# nothing; -O3's vectoriser is wanted, its code size and the values that gcse and pre keep alive across one
# huge function are not. A small unroll count keeps wide loops rolled, so that the C++ compiler vectorises them.
# const-bit-op-tree is an optimisation that goes wrong up to Verilator 5.026 (its issues 4059, 5186).
find_program(VERILATOR_BIN verilator REQUIRED)
execute_process(COMMAND ${VERILATOR_BIN} --getenv VERILATOR_ROOT
                OUTPUT_VARIABLE VERILATOR_ROOT OUTPUT_STRIP_TRAILING_WHITESPACE)
set(VERILATOR_INCLUDE ${VERILATOR_ROOT}/include)

set(CUATRO_VERILATOR_FLAGS
    --cc -O3 -fno-const-bit-op-tree --x-assign fast --unroll-count 4
    -Wno-lint -Werror-UNOPTFLAT --timescale 1ns/1ps)

file(GLOB CUATRO_RTL CONFIGURE_DEPENDS ${CUATRO_ROOT}/rtl/*.sv)
file(GLOB CUATRO_PACKAGES CONFIGURE_DEPENDS ${CUATRO_ROOT}/rtl/*_pkg.sv)

# For `make coverage`: the models of benches count lines and toggles.
option(CUATRO_COVERAGE "benches count what they reach" OFF)
set(coverage 0)
set(coverage_sources)
if(CUATRO_COVERAGE)
  set(coverage 1)
  set(coverage_sources ${VERILATOR_INCLUDE}/verilated_cov.cpp)
endif()

# Verilator's run time, once.
add_library(verilated_runtime STATIC ${VERILATOR_INCLUDE}/verilated.cpp ${VERILATOR_INCLUDE}/verilated_threads.cpp
            ${VERILATOR_INCLUDE}/verilated_fst_c.cpp ${coverage_sources})
target_include_directories(verilated_runtime SYSTEM PUBLIC ${VERILATOR_INCLUDE} ${VERILATOR_INCLUDE}/vltstd)
target_compile_definitions(verilated_runtime PUBLIC VM_TRACE=1 VM_TRACE_FST=1 VM_COVERAGE=${coverage} VM_SC=0)
target_compile_options(verilated_runtime PRIVATE -w)
target_link_libraries(verilated_runtime PUBLIC ZLIB::ZLIB Threads::Threads)

function(cuatro_verilate target)
  cmake_parse_arguments(V "TRACE;ASSERT;TEST" "TOP;PREFIX;FOLDER" "PARAMS;FILES;FLAGS;DEPENDS" ${ARGN})
  if(NOT V_PREFIX)
    set(V_PREFIX V${V_TOP})
  endif()
  if(NOT V_FOLDER)
    set(V_FOLDER ${CUATRO_ROOT}/rtl)
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${V_FOLDER}/*.sv)
  set(dir ${CMAKE_CURRENT_BINARY_DIR}/${target}.dir)
  set(flags ${CUATRO_VERILATOR_FLAGS} ${V_FLAGS})
  foreach(param ${V_PARAMS})
    list(APPEND flags -G${param})
  endforeach()
  if(V_TRACE)
    list(APPEND flags --trace-fst --trace-structs)
  endif()
  set(adapt)
  if(V_ASSERT)
    # A bench's registers begin with random bits (power_up.h), its inputs with zeros.
    list(APPEND flags --assert --x-initial unique)
    set(adapt COMMAND sh -c "sed -i -E -f '${CUATRO_ROOT}/sim/zero_inputs.sed' '${dir}'/${V_PREFIX}___024root*Slow.cpp")
  else()
    list(APPEND flags --x-initial fast)
  endif()
  # A bench's model compiles once and runs for a second.
  set(optimise "-O2 -ftree-vectorize -fvect-cost-model=dynamic -fno-gcse -fno-tree-pre")
  set(outlive)
  if(V_TEST)
    set(optimise -O1)
    list(APPEND flags --output-split-cfuncs 500)  # the C++ compiler's time grows faster than a function
    if("Structural=1" IN_LIST V_PARAMS)
      set(optimise -O0)  # gates by the thousand: half of the time to compile, seconds more to run
    endif()
    if(CUATRO_COVERAGE)
      list(APPEND flags --coverage-line --coverage-toggle)
      if(NOT V_TOP MATCHES "^cuatro_")
        set(optimise -O0)  # counters make a model large; only the block's and the core's benches run for minutes
      endif()
      # Counters live in the model, and are read when the bench ends (tb/coverage/write_at_exit.cpp): it is never deleted, and
      # counts in the one context that is still there. A Verilator that writes this otherwise must not go unnoticed.
      set(made ${dir}/${V_PREFIX}.cpp)
      set(outlive COMMAND sed -i -e "s/delete vlSymsp//" -e "s/VerilatedModel{[*]_vcontextp__}/VerilatedModel{*Verilated::defaultContextp()}/" ${made}
          COMMAND grep -q "VerilatedModel{.Verilated::defaultContextp()}" ${made} COMMAND sh -c "! grep 'delete vlSymsp' '${made}'")
    endif()
  endif()
  set(library ${dir}/${V_PREFIX}__ALL.a)
  add_custom_command(
    OUTPUT ${library} ${dir}/${V_PREFIX}.h
    COMMAND ${VERILATOR_BIN} ${flags} --top-module ${V_TOP} --prefix ${V_PREFIX} --Mdir ${dir}
            -y ${V_FOLDER} -y ${CUATRO_ROOT}/rtl ${CUATRO_PACKAGES} ${V_FOLDER}/${V_TOP}.sv ${V_FILES}
    ${adapt}
    ${outlive}
    COMMAND sh -c "make -s -C '${dir}' -f ${V_PREFIX}.mk ${V_PREFIX}__ALL.a VM_PARALLEL_BUILDS=0 OPT_FAST='${optimise}' OPT_SLOW=-O1 OPT_GLOBAL='${optimise}' USER_CPPFLAGS='-march=${CUATRO_MARCH} -mprefer-vector-width=256 -w' >/dev/null"
    DEPENDS ${CUATRO_RTL} ${sources} ${V_FILES} ${V_DEPENDS} ${CUATRO_ROOT}/sim/verilate.cmake ${CUATRO_ROOT}/sim/zero_inputs.sed
    COMMENT "Verilating ${V_TOP} ${V_PARAMS}" VERBATIM)
  add_custom_target(${target}_files DEPENDS ${library} ${dir}/${V_PREFIX}.h)
  add_library(${target} INTERFACE)
  add_dependencies(${target} ${target}_files)
  target_include_directories(${target} SYSTEM INTERFACE ${dir})
  target_link_libraries(${target} INTERFACE ${library} verilated_runtime)
endfunction()
