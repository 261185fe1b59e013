import CSwiftlet
import Swiftlet
import SwiftletTokenizer

/// Why a call failed: the status, the message, and the index of the text that caused it.
///
/// A class, so that it is thrown as one word (see `OptionStruct.read`).
final class Failure: Error {
  let status: swiftlet_status
  let message: String
  let textIndex: Int?

  /// `status` is one of the constants `SWIFTLET_…`, which are imported as `Int`.
  init(_ status: Int, _ message: String, textIndex: Int? = nil) {
    self.status = swiftlet_status(status)
    self.message = message
    self.textIndex = textIndex
  }

  /// An invalid argument.
  static func argument(_ message: String, textIndex: Int? = nil) -> Failure {
    Failure(SWIFTLET_INVALID_ARGUMENT, message, textIndex: textIndex)
  }

  convenience init(_ error: SwiftletError) {
    let status =
      switch error {
      case .missingFile: SWIFTLET_MISSING_FILE
      case .invalidModel: SWIFTLET_INVALID_MODEL
      case .unsupportedModel: SWIFTLET_UNSUPPORTED_MODEL
      case .engine, .memory: SWIFTLET_ENGINE
      case .cancelled: SWIFTLET_CANCELLED
      case .unwritable: SWIFTLET_UNWRITABLE
      case .invalidOption, .text(.noRoomForWindows, _), .text(.emptyQuestion, _):
        SWIFTLET_INVALID_OPTION
      case .text(.tooLong, _), .text(.questionTooLong, _): SWIFTLET_TEXT_TOO_LONG
      case .text(.unknownToken, _): SWIFTLET_UNKNOWN_TOKEN
      case .text(.unknownTokenType, _): SWIFTLET_UNKNOWN_TOKEN_TYPE
      case .text(.noTokens, _): SWIFTLET_NO_TOKENS
      case .text(.noMask, _): SWIFTLET_NO_MASK
      }
    self.init(status, error.description, textIndex: error.textIndex)
  }

  /// Runs `body`, whose errors become failures.
  static func converting<Value>(
    _ body: () throws(SwiftletError) -> Value
  ) throws(Failure) -> Value {
    do throws(SwiftletError) {
      return try body()
    } catch {
      throw Failure(error)
    }
  }

  convenience init(_ error: TokenizerError) { self.init(SwiftletError(error)) }
}
