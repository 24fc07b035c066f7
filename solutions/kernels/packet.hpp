// The vector registers of the machine that is compiled for, through Eigen's packets: AVX-512, AVX,
// SSE, NEON, or a plain float, always with a fused multiply-add where there is one.
#pragma once

#include <Eigen/Core>

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
