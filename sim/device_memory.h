// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <vector>

// The memory that host and device share: the host sees bytes, the device their bus addresses. On a
// board this is what a DMA allocator gives out.
namespace cuatro::sim {

class DeviceMemory;

// A stretch of it, zero at first, given back with its owner.
class Buffer {
 public:
  Buffer() = default;
  Buffer(std::shared_ptr<DeviceMemory> memory, std::size_t size);
  ~Buffer();
  Buffer(Buffer&& other) noexcept { swap(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    swap(other);
    return *this;
  }
  std::uint8_t* data() { return data_; }
  const std::uint8_t* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  void swap(Buffer& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }
  std::shared_ptr<DeviceMemory> memory_;
  std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

class DeviceMemory {
 public:
  static constexpr std::uint64_t kBusBase = 0x20'0000'0000;      // far from 0, beyond 32 bits
  static constexpr std::size_t kAlignment = 4096;

  // Reserves address space only; memory comes as it is written.
  explicit DeviceMemory(std::size_t bytes = std::size_t{32} << 30);
  ~DeviceMemory();
  DeviceMemory(const DeviceMemory&) = delete;
  DeviceMemory& operator=(const DeviceMemory&) = delete;

  // Every buffer is followed by bytes that nobody may write; those found changed when it is given back.
  std::uint64_t overruns() const { return overruns_; }

  std::uint64_t bus_address(const std::uint8_t* p) const { return kBusBase + static_cast<std::uint64_t>(p - bytes_); }
  // The bytes at a bus address, or null where there is no memory.
  std::uint8_t* at(std::uint64_t bus, std::size_t size) {
    const std::uint64_t offset = bus - kBusBase;
    return offset < used_ && used_ - offset >= size ? bytes_ + offset : nullptr;
  }

 private:
  friend class Buffer;
  std::uint8_t* take(std::size_t size);
  void give(std::uint8_t* data, std::size_t size);
  static std::size_t rounded(std::size_t size) { return (size + kGuardBytes + kAlignment - 1) / kAlignment * kAlignment; }

  static constexpr std::uint8_t kGuard = 0xa5;
  static constexpr std::size_t kGuardBytes = 64;

  std::uint8_t* bytes_ = nullptr;
  std::uint64_t overruns_ = 0;
  std::size_t reserved_, used_ = 0;
  std::map<std::size_t, std::vector<std::uint8_t*>> free_;       // by rounded size; training asks for the same sizes again
};

}  // namespace cuatro::sim
