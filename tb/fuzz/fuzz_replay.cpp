// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "device/replay.h"
#include "fuzz.h"
#include "golden/golden_device.h"
#include "temp_folder.h"

using namespace cuatro;

// Replay files: what is accepted survives saving, and runs on the golden device or is refused by it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TempFolder folder;
  const fuzz::InputFile file({data, size});
  fuzz::accepts(file.path(), [&] {
    const Replay replay = load_replay(file.path());
    save_replay(folder / "again", replay);
    const Replay again = load_replay(folder / "again");
    fuzz::require(!first_difference(replay.expected, again.expected) && !first_difference(replay.got, again.got), "the same outputs");
    fuzz::require(!name_of(replay.op.kind).empty() && replay.op.label == again.op.label, "the same operation");
    golden::GoldenDevice golden;
    try {
      (void)first_difference(replay.expected, execute(golden, replay.op));
    } catch (const DeviceError&) {  // a file may ask for what no device does
    }
  });
  return 0;
}
