//===- Result.h - Errors with an exit code --------------------*- C++ -*-===//
//
// One error type for the libraries that link no LLVM. An error carries the
// exit code that the tools document, so a driver never has to guess it.
//
//===----------------------------------------------------------------------===//
#ifndef HYBRIDC_SUPPORT_RESULT_H
#define HYBRIDC_SUPPORT_RESULT_H

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace hybridc {

/// The documented exit codes of every tool (docs/Cli.md).
enum class ExitCode : int {
  Success = 0,      ///< fine
  Mismatch = 1,     ///< a comparison fell outside its tolerance
  Usage = 2,        ///< wrong usage
  InvalidInput = 3, ///< invalid model, target, stream or data
  Unsupported = 4,  ///< valid, but not supported
  DoesNotFit = 5,   ///< valid, but larger than the chip
  Internal = 70,    ///< a defect of hybridc itself
};

/// Why something failed. `message` names what, where, why and what would help;
/// it has neither a leading "error:" nor a trailing newline.
struct Error {
  ExitCode code = ExitCode::Internal;
  std::string message;
};

inline Error usage(std::string message) {
  return {ExitCode::Usage, std::move(message)};
}
inline Error invalidInput(std::string message) {
  return {ExitCode::InvalidInput, std::move(message)};
}
inline Error unsupported(std::string message) {
  return {ExitCode::Unsupported, std::move(message)};
}
inline Error doesNotFit(std::string message) {
  return {ExitCode::DoesNotFit, std::move(message)};
}

/// Either a value or an Error. Test with `if (!result)`, then read `*result`
/// or `result.error()`.
template <typename T> class [[nodiscard]] Result {
public:
  Result(T value) : state(std::move(value)) {}
  Result(Error error) : state(std::move(error)) {}

  explicit operator bool() const { return std::holds_alternative<T>(state); }
  T &operator*() { return *std::get_if<T>(&state); }
  const T &operator*() const { return *std::get_if<T>(&state); }
  T *operator->() { return std::get_if<T>(&state); }
  const T *operator->() const { return std::get_if<T>(&state); }
  const Error &error() const { return *std::get_if<Error>(&state); }

private:
  std::variant<T, Error> state;
};

/// The result of something that yields nothing but may fail.
class [[nodiscard]] Status {
public:
  Status() = default;
  Status(Error error) : failure(std::move(error)), failed(true) {}

  explicit operator bool() const { return !failed; }
  const Error &error() const { return failure; }

private:
  Error failure;
  bool failed = false;
};

} // namespace hybridc

#endif // HYBRIDC_SUPPORT_RESULT_H
