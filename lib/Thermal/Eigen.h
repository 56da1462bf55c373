//===- Eigen.h - Modes of a symmetric matrix ------------------*- C++ -*-===//
#ifndef HYBRIDC_LIB_THERMAL_EIGEN_H
#define HYBRIDC_LIB_THERMAL_EIGEN_H

#include <cstddef>
#include <vector>

namespace hybridc::exec::clock {

/// Eigenvalues and orthonormal eigenvectors (row-major, one a column) of a
/// symmetric n × n matrix, by cyclic Jacobi rotations: the most exact way, and
/// quick enough for the few hundred nodes of a thermal network.
void symmetricModes(size_t n, std::vector<double> matrix,
                    std::vector<double> &values, std::vector<double> &vectors);

} // namespace hybridc::exec::clock

#endif // HYBRIDC_LIB_THERMAL_EIGEN_H
