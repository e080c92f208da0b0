// Tensor: a handle to a contiguous, row-major array. Copies share storage; clone() copies data.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rectify/tensor/dtype.h"
#include "rectify/tensor/shape.h"

namespace rectify {

namespace detail {
class Storage;
}
namespace autograd {
struct Node;  // what a recorded result remembers; see autograd/engine.h
}

class Tensor {
 public:
  /// No array at all: defined() is false.
  Tensor() = default;
  /// One number of rank 0.
  Tensor(double value, DType dtype = DType::float32);

  /// Contents not set.
  static Tensor empty(const Shape& shape, DType dtype = DType::float32);
  static Tensor zeros(const Shape& shape, DType dtype = DType::float32);
  static Tensor full(const Shape& shape, double value, DType dtype = DType::float32);
  /// Copies `values`; throws ShapeError if their number is not shape.count(). T is float, double, int64_t, uint8_t, Float16 or BFloat16.
  template <class T>
  static Tensor from(std::span<const T> values, const Shape& shape);
  template <class T>
  static Tensor from(const std::vector<T>& values, const Shape& shape) {
    return from(std::span<const T>(values), shape);
  }
  /// Shape (values.size()).
  static Tensor from(std::initializer_list<double> values, DType dtype = DType::float32);

  bool defined() const { return impl_ != nullptr; }
  const Shape& shape() const { return impl().shape; }
  DType dtype() const { return impl().dtype; }
  int rank() const { return shape().rank(); }
  /// Number of elements.
  int64_t size() const { return shape().count(); }
  /// Size of one axis, negative ones counted from the last.
  int64_t size(int axis) const { return shape()[axis]; }

  /// The elements; throws DTypeError if T is not the tensor's type. Writing through the pointer is seen by every copy of the handle.
  template <class T>
  T* data() {
    return const_cast<T*>(std::as_const(*this).data<T>());
  }
  template <class T>
  const T* data() const {
    if (dtype() != dtype_of<T>) throw_wrong_type(dtype_of<T>);
    return reinterpret_cast<const T*>(impl_->data);
  }
  /// The elements as a span.
  template <class T>
  std::span<const T> values() const {
    return {data<T>(), static_cast<size_t>(size())};
  }
  void* raw();
  const void* raw() const;

  /// The only number of a tensor of size 1, as a double; throws ShapeError for other sizes.
  double item() const;
  /// Element at a flat index, converted; for tests and printing.
  double at(int64_t index) const;

  /// A copy with its own storage, not recorded.
  Tensor clone() const;
  /// The same storage without history: not recorded, requires no gradient.
  Tensor detach() const;
  /// A converted copy (floating types rounded once to nearest, ties to even), not recorded; the same handle if it has that type already.
  Tensor to(DType dtype) const;
  /// The same storage with another shape of the same size. Not recorded: see rectify::reshape.
  Tensor view(const Shape& shape) const;
  /// Rows [begin, end) of the first axis, sharing storage. Not recorded.
  Tensor rows(int64_t begin, int64_t end) const;
  /// Copies the elements of `source` (same shape, same dtype) into this storage.
  void copy_from(const Tensor& source);
  bool shares_storage_with(const Tensor& other) const;
  /// Whether this handle is the only one to its array and the array the only one in its storage.
  bool unshared() const;

  /// Whether gradients are wanted for this tensor (a leaf) ...
  Tensor& set_requires_grad(bool wanted);
  /// ... or for something it was computed from.
  bool requires_grad() const { return impl_ && (impl_->requires_grad || impl_->node); }

  const std::shared_ptr<autograd::Node>& node() const;
  void set_node(std::shared_ptr<autograd::Node> node);
  /// Identity of the handle's array, for look-ups.
  const void* id() const { return impl_.get(); }

 private:
  struct Impl {
    std::shared_ptr<detail::Storage> storage;
    std::byte* data = nullptr;
    Shape shape;
    DType dtype = DType::float32;
    bool requires_grad = false;
    std::shared_ptr<autograd::Node> node;
  };
  explicit Tensor(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  const Impl& impl() const {
    if (!impl_) throw_undefined();
    return *impl_;
  }
  [[noreturn]] static void throw_undefined();
  [[noreturn]] void throw_wrong_type(DType asked) const;

  std::shared_ptr<Impl> impl_;
};

/// Values with the shape and type, shortened in the middle: for messages and debugging.
std::string to_string(const Tensor& tensor);

/// Calls body(T{}) with T float or double according to the dtype; throws DTypeError naming `function` for any other.
template <class Body>
decltype(auto) dispatch_floating(DType dtype, const char* function, Body&& body);

[[noreturn]] void throw_not_floating(DType dtype, const char* function);

template <class Body>
decltype(auto) dispatch_floating(DType dtype, const char* function, Body&& body) {
  if (dtype == DType::float32) return body(float{});
  if (dtype == DType::float64) return body(double{});
  throw_not_floating(dtype, function);
}

}  // namespace rectify
