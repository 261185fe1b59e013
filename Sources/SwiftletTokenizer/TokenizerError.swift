/// Why a tokenizer can't be loaded, or a text can't be split into windows.
///
/// Encoding and decoding never throw: every text and every list of ids has a result.
public enum TokenizerError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The system refused to open or read a file.
  case unreadable(path: String, reason: String)
  /// The path of the model directory does not exist.
  case directoryNotFound(path: String)
  /// The path of the model directory is not a directory.
  case notADirectory(path: String)
  /// The directory has no file with a vocabulary.
  case vocabularyNotFound(directory: String, lookedFor: [String])
  /// A file is not JSON or has a value of the wrong type; the reason includes the byte offset.
  case malformedJSON(path: String, reason: String)
  /// A vocabulary has a line (counted from 1) that is not UTF-8.
  case invalidUTF8(path: String, line: Int)
  /// The vocabulary has no token.
  case emptyVocabulary(path: String)
  /// The vocabulary has a token twice.
  case duplicateToken(path: String, token: String)
  /// Two tokens have the same id.
  case duplicateID(path: String, id: Int32, first: String, second: String)
  /// An id is negative or exceeds 2,147,483,647.
  case idOutOfRange(path: String, token: String, id: Int64)
  /// The vocabulary lacks a token that the tokenizer needs.
  case missingToken(path: String, token: String, role: String)
  /// A file lacks a required key.
  case missingKey(path: String, key: String)
  /// A key has an invalid value.
  case invalidValue(path: String, key: String, found: String, expected: String)
  /// A file uses a feature that Swiftlet does not support.
  case unsupported(path: String, part: String, found: String, supported: String)
  /// The file is too large for any vocabulary.
  case tooLarge(path: String, bytes: Int)
  /// Windows of `maxLength` tokens leave room for at most `stride` tokens of the text.
  case noRoomForWindows(maxLength: Int, stride: Int)

  /// What is wrong, in which file, and what is expected.
  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
    case .directoryNotFound(let path): "\(path): no such directory; check the path"
    case .notADirectory(let path):
      "\(path) is not a directory; pass the directory of the tokenizer's files"
    case .vocabularyNotFound(let directory, let files):
      "no tokenizer in \(directory): looked for \(files.joined(separator: ", then "))"
    case .malformedJSON(let path, let reason): "\(path): \(reason)"
    case .invalidUTF8(let path, let line): "\(path): line \(line) is not UTF-8"
    case .emptyVocabulary(let path): "\(path): the vocabulary is empty"
    case .duplicateToken(let path, let token): "\(path): duplicate token \"\(token)\""
    case .duplicateID(let path, let id, let first, let second):
      "\(path): the tokens \"\(first)\" and \"\(second)\" have the same id \(id)"
    case .idOutOfRange(let path, let token, let id):
      "\(path): the token \"\(token)\" has the id \(id); expected 0 to \(Int32.max)"
    case .missingToken(let path, let token, let role):
      "\(path): the vocabulary lacks the \(role) token \"\(token)\""
    case .missingKey(let path, let key): "\(path): the key \"\(key)\" is missing"
    case .invalidValue(let path, let key, let found, let expected):
      "\(path): \"\(key)\" is \(found); expected \(expected)"
    case .unsupported(let path, let part, let found, let supported):
      "\(path): the \(part) \(found) is not supported; supported: \(supported)"
    case .tooLarge(let path, let bytes):
      "\(path): \(bytes) bytes, expected at most \(VocabularyBuilder.byteLimit)"
    case .noRoomForWindows(let maxLength, let stride):
      "windows of \(maxLength) tokens have no room for the text besides special tokens, the other "
        + "text and a stride of \(stride); use a larger length or a smaller stride"
    }
  }
}
