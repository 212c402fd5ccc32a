# SPDX-License-Identifier: Apache-2.0
# The libraries that sw/ stands on, also where only parts of it are built (tb/fuzz).
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(ZLIB REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(PNG REQUIRED)
find_path(SNDFILE_INCLUDE_DIR sndfile.h REQUIRED)
find_library(SNDFILE_LIBRARY sndfile REQUIRED)
find_path(SAMPLERATE_INCLUDE_DIR samplerate.h REQUIRED)
find_library(SAMPLERATE_LIBRARY samplerate REQUIRED)
find_path(KISSFFT_INCLUDE_DIR kissfft.hh PATH_SUFFIXES kissfft REQUIRED)  # a template: nothing to link
