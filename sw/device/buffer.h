// SPDX-License-Identifier: Apache-2.0
// Copyright 2026 cuatro contributors
#pragma once

#include <algorithm>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace cuatro {

// std::allocator, but elements that are not given a value are left as memory has them.
template <class T>
struct UninitialisedAllocator : std::allocator<T> {
  template <class U>
  struct rebind {
    using other = UninitialisedAllocator<U>;
  };
  template <class U, class... Args>
  void construct(U* at, Args&&... args) {
    if constexpr (sizeof...(Args) == 0 && std::is_trivially_default_constructible_v<U>) {
      ::new (static_cast<void*>(at)) U;
    } else {
      ::new (static_cast<void*>(at)) U(std::forward<Args>(args)...);
    }
  }
};

// For results of megabytes that are written once and whole: a vector whose resize() writes nothing.
template <class T>
using Buffer = std::vector<T, UninitialisedAllocator<T>>;

template <class T>
bool operator==(const std::vector<T>& left, const Buffer<T>& right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end());
}

}  // namespace cuatro
