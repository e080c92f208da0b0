#include "rectify/tensor/tensor.h"

#include <algorithm>
#include <cstring>

#include "rectify/base/error.h"
#include "rectify/base/recycling.h"
#include "rectify/tensor/storage.h"

namespace rectify {

Tensor::Tensor(double value, DType dtype) : Tensor(full(Shape{}, value, dtype)) {}

Tensor Tensor::empty(const Shape& shape, DType dtype) {
  auto impl = std::allocate_shared<Impl>(Recycling<Impl>{});
  impl->storage = std::allocate_shared<detail::Storage>(Recycling<detail::Storage>{}, static_cast<size_t>(shape.count()) * size_of(dtype));
  impl->data = impl->storage->data();
  impl->shape = shape;
  impl->dtype = dtype;
  return Tensor(std::move(impl));
}

Tensor Tensor::zeros(const Shape& shape, DType dtype) {
  Tensor result = empty(shape, dtype);
  std::memset(result.raw(), 0, static_cast<size_t>(shape.count()) * size_of(dtype));
  return result;
}

Tensor Tensor::full(const Shape& shape, double value, DType dtype) {
  Tensor result = empty(shape, dtype);
  dispatch(dtype, [&](auto zero) {
    using T = decltype(zero);
    std::fill_n(result.data<T>(), shape.count(), static_cast<T>(value));
  });
  return result;
}

template <class T>
Tensor Tensor::from(std::span<const T> values, const Shape& shape) {
  if (static_cast<int64_t>(values.size()) != shape.count()) {
    throw ShapeError("[Tensor::from] " + std::to_string(values.size()) + " values do not fill the shape " + to_string(shape) + ".");
  }
  Tensor result = empty(shape, dtype_of<T>);
  std::copy(values.begin(), values.end(), result.data<T>());
  return result;
}
template Tensor Tensor::from(std::span<const float>, const Shape&);
template Tensor Tensor::from(std::span<const double>, const Shape&);
template Tensor Tensor::from(std::span<const int64_t>, const Shape&);
template Tensor Tensor::from(std::span<const uint8_t>, const Shape&);
template Tensor Tensor::from(std::span<const BFloat16>, const Shape&);
template Tensor Tensor::from(std::span<const Float16>, const Shape&);

Tensor Tensor::from(std::initializer_list<double> values, DType dtype) {
  return from(std::span<const double>(values.begin(), values.size()), Shape{static_cast<int64_t>(values.size())}).to(dtype);
}

void Tensor::throw_undefined() { throw ArgumentError("[Tensor] there is no array: the tensor was default-constructed."); }

void Tensor::throw_wrong_type(DType asked) const {
  throw DTypeError("[Tensor::data] the elements are " + std::string(name(dtype())) + ", not " + std::string(name(asked)) + ". Convert with to().");
}

void* Tensor::raw() { return shape(), impl_->data; }
const void* Tensor::raw() const { return shape(), impl_->data; }

double Tensor::item() const {
  if (size() != 1) throw ShapeError("[Tensor::item] the tensor has " + std::to_string(size()) + " elements, shape " + to_string(shape()) + ". Reduce it first.");
  return at(0);
}

double Tensor::at(int64_t index) const {
  if (index < 0 || index >= size()) {
    throw ShapeError("[Tensor::at] index " + std::to_string(index) + " is outside a tensor of " + std::to_string(size()) + " elements.");
  }
  return dispatch(dtype(), [&](auto zero) { return static_cast<double>(data<decltype(zero)>()[index]); });
}

Tensor Tensor::clone() const {
  Tensor result = empty(shape(), dtype());
  std::memcpy(result.raw(), raw(), static_cast<size_t>(size()) * size_of(dtype()));
  return result;
}

Tensor Tensor::detach() const { return view(shape()); }

namespace {

/// The 16-bit types are converted by way of float64, which holds them exactly.
template <class Into, class From>
Into converted(From x) {
  if constexpr (std::is_arithmetic_v<From>) {
    return static_cast<Into>(x);
  } else {
    return static_cast<Into>(static_cast<double>(x));
  }
}

}  // namespace

Tensor Tensor::to(DType target) const {
  if (target == dtype()) return *this;
  Tensor result = empty(shape(), target);
  dispatch(dtype(), [&](auto from) {
    dispatch(target, [&](auto into) {
      using Into = decltype(into);
      std::transform(data<decltype(from)>(), data<decltype(from)>() + size(), result.data<Into>(), [](auto x) { return converted<Into>(x); });
    });
  });
  return result;
}

Tensor Tensor::view(const Shape& target) const {
  if (target.count() != size()) {
    throw ShapeError("[Tensor::view] the shape " + to_string(target) + " has " + std::to_string(target.count()) + " elements, the tensor " +
                     to_string(shape()) + " has " + std::to_string(size()) + ".");
  }
  auto impl = std::allocate_shared<Impl>(Recycling<Impl>{});
  impl->storage = impl_->storage;
  impl->data = impl_->data;
  impl->shape = target;
  impl->dtype = impl_->dtype;
  return Tensor(std::move(impl));
}

Tensor Tensor::rows(int64_t begin, int64_t end) const {
  if (rank() == 0 || begin < 0 || begin > end || end > size(0)) {
    throw ShapeError("[Tensor::rows] rows " + std::to_string(begin) + " to " + std::to_string(end) + " are outside the shape " + to_string(shape()) + ".");
  }
  std::array<int64_t, Shape::max_rank> sizes{};
  std::ranges::copy(shape().sizes(), sizes.begin());
  const int64_t row = size(0) == 0 ? 0 : size() / size(0);
  sizes[0] = end - begin;
  auto impl = std::allocate_shared<Impl>(Recycling<Impl>{});
  impl->storage = impl_->storage;
  impl->data = impl_->data + static_cast<size_t>(begin * row) * size_of(dtype());
  impl->shape = Shape(std::span<const int64_t>(sizes.data(), static_cast<size_t>(rank())));
  impl->dtype = impl_->dtype;
  return Tensor(std::move(impl));
}

void Tensor::copy_from(const Tensor& source) {
  if (source.shape() != shape()) throw ShapeError("[Tensor::copy_from] shapes differ: " + to_string(shape()) + " and " + to_string(source.shape()) + ".");
  if (source.dtype() != dtype()) {
    throw DTypeError("[Tensor::copy_from] types differ: " + std::string(name(dtype())) + " and " + std::string(name(source.dtype())) + ".");
  }
  std::memmove(raw(), source.raw(), static_cast<size_t>(size()) * size_of(dtype()));
}

bool Tensor::shares_storage_with(const Tensor& other) const { return impl_ && other.impl_ && impl_->storage == other.impl_->storage; }

bool Tensor::unshared() const { return impl_ && impl_.use_count() == 1 && impl_->storage.use_count() == 1; }

Tensor& Tensor::set_requires_grad(bool wanted) {
  if (wanted && !is_floating(dtype())) {
    throw DTypeError("[Tensor::set_requires_grad] gradients need float32 or float64, not " + std::string(name(dtype())) + ".");
  }
  impl_->requires_grad = wanted;
  return *this;
}

const std::shared_ptr<autograd::Node>& Tensor::node() const {
  static const std::shared_ptr<autograd::Node> none;
  return impl_ ? impl_->node : none;
}

void Tensor::set_node(std::shared_ptr<autograd::Node> node) {
  shape();
  impl_->node = std::move(node);
}

void throw_not_floating(DType dtype, const char* function) {
  throw DTypeError("[" + std::string(function) + "] needs float32 or float64, not " + std::string(name(dtype)) + ". Convert with to().");
}

std::string to_string(const Tensor& tensor) {
  if (!tensor.defined()) return "tensor(undefined)";
  constexpr int64_t shown = 6;
  std::string text = "tensor" + to_string(tensor.shape()) + " " + std::string(name(tensor.dtype())) + " [";
  for (int64_t i = 0; i < tensor.size(); ++i) {
    if (tensor.size() > 2 * shown && i == shown) {
      text += ", ...";
      i = tensor.size() - shown;
    }
    char number[32];
    std::snprintf(number, sizeof number, "%.9g", tensor.at(i));
    text += (i ? ", " : "") + std::string(number);
  }
  return text + "]";
}

}  // namespace rectify
