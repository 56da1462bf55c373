//===- Mvm.cpp - Errors of products against aihwkit's ---------------------===//
#include "DeviceTable.h"

using namespace hybridc;
using namespace hybridc::validate;
using test::numberOf;

/// The periphery that a row of mvm_error_256.csv names.
static exec::ArrayPeriphery peripheryOf(const std::string &name) {
  exec::ArrayPeriphery p; // "Standard_IO_noBM"
  if (name.starts_with("default_IO")) {
    p.inRes = 1.0 / 126;
    p.outRes = 1.0 / 510;
    p.outBound = 12;
    p.outNoise = 0.06;
    p.boundManagement = exec::BoundManagement::Iterative;
  } else if (name.starts_with("Standard_IO(")) {
    p.boundManagement = exec::BoundManagement::Iterative;
  } else if (name != "Standard_IO_noBM") {
    p.inRes = p.outRes = p.outBound = p.outNoise = 0;
  }
  if (name == "Std_DAC_only")
    p.inRes = 1.0 / 254;
  if (name == "Std_ADC_only" || name == "Std_ADCbound_only")
    p.outBound = 10;
  if (name == "Std_ADC_only")
    p.outRes = 1.0 / 254;
  if (name == "Std_outnoise_only")
    p.outNoise = 0.04;
  if (name == "HWA_wnoise_only") {
    p.wNoise = 0.0175;
    p.weightNoise = exec::WeightNoise::PcmRead;
  }
  if (name == "HWA_irdrop_only")
    p.irDrop = 1;
  return p;
}

void validate::checkMvm(Rows &rows) {
  auto want = test::readDeviceCsv("mvm_error_256.csv");
  if (want.size() != 20)
    return rows.failed("aihwkit 1.1", "products", "no 20 rows to compare with");
  for (size_t i = 0; i < want.size(); i += 2) {
    const std::string &name = want[i].at("io");
    exec::MvmStudy study;
    study.name = name;
    study.deviceNoise = false;
    study.array.periphery = peripheryOf(name);
    study.seeds = 4;
    auto table = exec::characterizeMvm(study);
    if (!table) {
      rows.failed("aihwkit 1.1", name, table.error().message);
      continue;
    }
    for (size_t j = 0; j < 2; ++j) {
      double error = numberOf(want[i + j], "rel_l2_mean");
      const std::string &inputs = want[i + j].at("x_dist");
      double got = cellOf(*table, j, "rel_l2_mean");
      if (table->rows.at(j).at(1).text != inputs)
        rows.failed("aihwkit 1.1", name, "other inputs");
      else if (error < 1e-6) { // single precision, not the array
        rows.evidence = Evidence::Arithmetic;
        rows.atMost("single precision", name + ", " + inputs, "", 1e-6, got);
        rows.evidence = Evidence::Simulated;
      } else
        rows.relative("aihwkit 1.1", name + ", " + inputs, "", error, got,
                      0.03);
    }
  }
  checkPeripheryFields(rows);
}
