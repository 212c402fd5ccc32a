// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#include "sim/device_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace cuatro::sim {

Buffer::Buffer(std::shared_ptr<DeviceMemory> memory, std::size_t size)
    : memory_(std::move(memory)), data_(memory_->take(size)), size_(size) {}

Buffer::~Buffer() {
  if (data_ != nullptr) memory_->give(data_, size_);
}

DeviceMemory::DeviceMemory(std::size_t bytes) : reserved_(bytes) {
  void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (at == MAP_FAILED) throw std::bad_alloc();
  bytes_ = static_cast<std::uint8_t*>(at);
}

DeviceMemory::~DeviceMemory() { munmap(bytes_, reserved_); }

std::uint8_t* DeviceMemory::take(std::size_t size) {
  const std::size_t room = rounded(size);
  if (auto found = free_.find(room); found != free_.end() && !found->second.empty()) {
    std::uint8_t* data = found->second.back();
    found->second.pop_back();
    std::memset(data, 0, size);
    std::memset(data + size, kGuard, room - size);
    return data;
  }
  if (reserved_ - used_ < room) throw std::bad_alloc();
  std::uint8_t* data = bytes_ + used_;
  used_ += room;
  std::memset(data + size, kGuard, room - size);
  return data;
}

void DeviceMemory::give(std::uint8_t* data, std::size_t size) {
  const std::size_t room = rounded(size);
  overruns_ += static_cast<std::uint64_t>(room - size - std::count(data + size, data + room, kGuard));
  free_[room].push_back(data);
}

}  // namespace cuatro::sim
