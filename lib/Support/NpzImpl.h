//===- NpzImpl.h - Between the .npy and the .npz side ---------*- C++ -*-===//
#ifndef HYBRIDC_LIB_SUPPORT_NPZIMPL_H
#define HYBRIDC_LIB_SUPPORT_NPZIMPL_H

#include "hybridc/Support/Npz.h"

#include <string>

namespace hybridc {

/// What stands before the data of an array in a .npy file.
std::string npyHeader(const NpyArray &array);

} // namespace hybridc

#endif // HYBRIDC_LIB_SUPPORT_NPZIMPL_H
