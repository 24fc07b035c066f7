// The vector registers of the machine that is compiled for, through Eigen's packets: AVX-512, AVX,
// SSE or NEON, with a fused multiply-add wherever there is one.
#pragma once

#include <Eigen/Core>
#include <utility>

namespace kernels {

using Packet = Eigen::internal::packet_traits<float>::type;
inline constexpr int kLanes = Eigen::internal::packet_traits<float>::size;
inline constexpr int kRegisters = EIGEN_ARCH_DEFAULT_NUMBER_OF_REGISTERS;

inline Packet load(const float* from) {
  return Eigen::internal::ploadu<Packet>(from);
}
inline void store(float* to, const Packet& p) {
  Eigen::internal::pstoreu(to, p);
}
inline Packet broadcast(float value) {
  return Eigen::internal::pset1<Packet>(value);
}
inline Packet multiply_add(const Packet& a, const Packet& b, const Packet& sum) {
  return Eigen::internal::pmadd(a, b, sum);
}

namespace detail {
template <int... lane>
Packet every_second(const Packet& a, const Packet& b, std::integer_sequence<int, lane...>) {
  return __builtin_shufflevector(a, b, (2 * lane)...);
}
}  // namespace detail

/// Lanes 0, 2, 4, ... of a, then of b.
inline Packet every_second(const Packet& a, const Packet& b) {
  return detail::every_second(a, b, std::make_integer_sequence<int, kLanes>());
}

/// Memory that is kept for the next call: fresh pages cost more than the work done in them.
class Scratch {
 public:
  /// At least `size` floats, aligned for packets, with anything in them.
  float* floats(Eigen::Index size) {
    if (memory_.size() < size) memory_.resize(size);
    return memory_.data();
  }

 private:
  Eigen::ArrayXf memory_;
};

}  // namespace kernels
