//===- OutputFile.h - Files written whole or not at all -------*- C++ -*-===//
#ifndef HYBRIDC_SUPPORT_OUTPUTFILE_H
#define HYBRIDC_SUPPORT_OUTPUTFILE_H

#include "hybridc/Support/Result.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hybridc {

/// Writes to a temporary file beside its target and puts it in place at the
/// end; until then the target is what it was. A device or a pipe is written
/// directly. What goes wrong is ExitCode::Usage and names the target. A signal
/// that ends the program removes the temporary file (Process.h).
class OutputFile {
public:
  OutputFile() = default;
  OutputFile(const OutputFile &) = delete;
  OutputFile &operator=(const OutputFile &) = delete;
  ~OutputFile();

  Status open(const std::string &path);
  Status write(const std::byte *data, uint64_t size);
  Status write(std::string_view text) {
    return write(reinterpret_cast<const std::byte *>(text.data()), text.size());
  }
  /// Puts the file in place.
  Status keep();

private:
  Error failure() const;

  std::string target, temporary;
  int fd = -1, slot = -1;
};

/// The parts one after the other, written whole or not at all as above.
Status writeFile(const std::string &path,
                 const std::vector<std::span<const std::byte>> &parts);
Status writeTextFile(const std::string &path, std::string_view text);

/// Before the work starts: whether each of `outputs` can be written ("" and
/// "-", stdout, can), and is none of `inputs` (by name or by another link to
/// the same file). Folders that are to be made count as writable where their
/// parent is.
Status checkOutputs(const std::vector<std::string> &outputs,
                    const std::vector<std::string> &inputs);

} // namespace hybridc

#endif // HYBRIDC_SUPPORT_OUTPUTFILE_H
