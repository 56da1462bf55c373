//===- Characterize.h - What a device model does, as statistics -*- C++ -*-===//
//
// The numbers behind `hybridc characterize`: many cells or products drawn from
// a model and summed up, in tables whose columns are those of the measurements
// and peer outputs that people compare with.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_STUDIES_CHARACTERIZE_H
#define HYBRIDC_STUDIES_CHARACTERIZE_H

#include "hybridc/Devices/AnalogArray.h"
#include "hybridc/Devices/PulsedArray.h"
#include "hybridc/Studies/StatTable.h"

#include <string>
#include <utility>
#include <vector>

namespace hybridc::exec {

/// Levels of relative conductance that tables use unless told otherwise.
std::vector<double> defaultLevels();

/// Which numbers inputs and weights of a study are.
enum class Distribution {
  Gauss,   ///< inputs N(0, 1); weights N(0, 1/3) clipped to ±1
  Uniform, ///< in ±1
  Relu,    ///< max(N(0, 1), 0); inputs only
  Sparse,  ///< N(0, 1), nine in ten of them 0
};

struct DeviceStudy {
  std::string device = "pcm";
  DeviceParams params;
  std::vector<double> levels = defaultLevels(); ///< 0 … 1
  std::vector<double> ages = {0, 3600, 86400};  ///< s, for drift
  size_t samples = 1000000;                     ///< cells per level
  /// Of drift: where gdc_alpha comes from. None makes it 1; with Column it is
  /// the mean of the columns' factors, while pop_* uses each column's own.
  Compensation compensation = Compensation::Global;
  /// Of drift: pairs of cells, as for PCM, or single cells; by default pairs
  /// for devices that drift.
  enum class Cells { Default, Pair, Single } cells = Cells::Default;
  /// The array behind gdc_alpha and pop_*.
  uint32_t rows = 512, cols = 512;
  Distribution weights = Distribution::Gauss;
  uint64_t seed = 0;
};

/// Right after programming. Drifting devices (PCM):
///   g_over_gmax, g_target_uS, g_prog_mean_uS, g_prog_std_uS, nu_mean, nu_std
/// others, conductance in units of g_max, or in µS where the model's name ends
/// so (a device whose g_min is not 0):
///   model, t_s, g_rel, mean, std
Result<StatTable> characterizeProgram(const DeviceStudy &study);

/// After each age. Drifting devices: a differential pair holding w,
///   t_name, t_inference_s, w_over_wmax, mean, std, gdc_alpha, mean_gdc,
///   std_gdc, pop_rel_l2, pop_rel_l2_gdc
/// where gdc_alpha is the global drift compensation of an array of rows × cols
/// weights, and pop_* that array's relative error. The first rows are
/// "prog_only": before any read noise. Others, and single cells: as above.
Result<StatTable> characterizeDrift(const DeviceStudy &study);

struct MvmStudy {
  std::string name = "array"; ///< the table's `io`
  ArrayConfig array;          ///< rows × cols is the size studied
  /// False: cells are ideal and only the periphery disturbs.
  bool deviceNoise = true;
  double age = 0;        ///< s
  double inputRange = 0; ///< fixed full scale of the DAC; 0: see periphery
  Compensation compensation = Compensation::None;
  std::vector<Distribution> inputs = {Distribution::Gauss,
                                      Distribution::Uniform};
  Distribution weights = Distribution::Gauss;
  size_t batch = 1000; ///< input vectors per seed
  unsigned seeds = 5;
  uint64_t seed = 0;
};

/// Relative error ‖y − xW‖ / ‖xW‖ of products; x_dist is a name of
/// distributionNames:
///   io, x_dist, weights, rel_l2_mean, rel_l2_std_over_seeds
Result<StatTable> characterizeMvm(const MvmStudy &study);

/// gauss, uniform, relu, sparse
const std::vector<std::string> &distributionNames();

struct CompensationStudy {
  std::string name = "array";
  ArrayConfig array;
  std::vector<double> ages = {0, 3600, 86400}; ///< s
  bool perColumn = false;
  Distribution weights = Distribution::Gauss;
  unsigned seeds = 5;
  uint64_t seed = 0;
};

/// Drift compensation of whole arrays, read out through their own periphery.
/// alpha is the factor, or the mean of the columns' factors; errors are those
/// of the weights, before and after it. Mean and standard deviation over seeds:
///   name, t_s, rows, cols, weights, alpha_mean, alpha_std, rel_l2_mean,
///   rel_l2_gdc_mean
Result<StatTable> characterizeCompensation(const CompensationStudy &study);

struct PulseStudy {
  std::string device = "ecram-li"; ///< of makePulsedDevice
  DeviceParams params;
  /// After how many pulses to look, ascending, in each phase. Empty: 20 points
  /// over the range.
  std::vector<uint32_t> pulses;
  /// up, down, alternate (up, down, up …) or rest (no pulses, but mini-batches
  /// of decay, diffusion and drift, each of them one unit of time): each goes
  /// on from where the last one left the cells.
  std::vector<std::string> phases = {"up", "down"};
  size_t samples = 10000; ///< cells
  uint64_t seed = 0;
};

/// Weights from 0 through the phases, without any variation ("mean_det") and
/// with all of it ("full"); persistent_* is nan without write noise:
///   device, mode, direction, n_pulses, w_mean, w_std, persistent_mean,
///   persistent_std
Result<StatTable> characterizePulses(const PulseStudy &study);

struct UpdateStudy {
  double dwMin = 0.001; ///< of a constant-step cell without variation
  /// Study `cell` as it is instead, with new cells for every eighth update.
  bool ownCells = false;
  PulsedDevice cell;
  UpdateRule rule;
  std::vector<double> rates = {0.001, 0.01, 0.05};
  /// Values of x and d; other rows and columns hold 1, the largest.
  std::vector<std::pair<double, double>> values = {
      {1, 1}, {.5, 1}, {.5, .5}, {.1, .3}, {1, .05}};
  size_t samples = 20000;
  uint64_t seed = 0;
};

/// What one stochastic outer-product update adds to a weight:
///   um_and_ubl, x, d, lr, expected_lr_x_d, dw_mean, dw_std, dw_max
Result<StatTable> characterizeUpdates(const UpdateStudy &study);

} // namespace hybridc::exec

#endif // HYBRIDC_STUDIES_CHARACTERIZE_H
