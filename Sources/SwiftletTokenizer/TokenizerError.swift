/// Why a tokenizer could not be made; every case names the file and what to look at.
///
/// Encoding and decoding throw nothing: any text and any ids have a result. Windows can be asked for
/// that are too short.
public enum TokenizerError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The system refused to open or read a file.
  case unreadable(path: String, reason: String)
  /// There is nothing at the path of a model directory.
  case directoryNotFound(path: String)
  /// A model directory was asked for, and the path is something else.
  case notADirectory(path: String)
  /// The directory has neither of the files that hold a vocabulary.
  case vocabularyNotFound(directory: String, lookedFor: [String])
  /// A file is not JSON, or not the JSON that it should be; the reason gives the byte.
  case malformedJSON(path: String, reason: String)
  /// A vocabulary has a line (counted from 1) that is not UTF-8.
  case invalidUTF8(path: String, line: Int)
  /// The vocabulary has no token.
  case emptyVocabulary(path: String)
  /// A token is given twice.
  case duplicateToken(path: String, token: String)
  /// Two tokens have one id.
  case duplicateID(path: String, id: Int32, first: String, second: String)
  /// An id is negative, or greater than 2,147,483,647.
  case idOutOfRange(path: String, token: String, id: Int64)
  /// A token that the tokenizer can't work without is not in the vocabulary.
  case missingToken(path: String, token: String, role: String)
  /// A key that a file must have is missing.
  case missingKey(path: String, key: String)
  /// A value that makes no sense where it stands.
  case invalidValue(path: String, key: String, found: String, expected: String)
  /// The file asks for a part that Swiftlet doesn't have.
  case unsupported(path: String, part: String, found: String, supported: String)
  /// The file is too large for any vocabulary.
  case tooLarge(path: String, bytes: Int)
  /// Windows of `maxLength` tokens leave no more room for the text than the `stride` tokens that
  /// neighbours have in common, or none at all.
  case noRoomForWindows(maxLength: Int, stride: Int)

  /// What is wrong, where, and what to do about it.
  public var description: String {
    switch self {
    case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
    case .directoryNotFound(let path): "there is no directory \(path)"
    case .notADirectory(let path):
      "\(path) is not a directory; give the directory that holds the tokenizer's files"
    case .vocabularyNotFound(let directory, let files):
      "no tokenizer in \(directory): looked for \(files.joined(separator: ", then "))"
    case .malformedJSON(let path, let reason): "\(path): \(reason)"
    case .invalidUTF8(let path, let line): "\(path): line \(line) is not UTF-8"
    case .emptyVocabulary(let path): "\(path): the vocabulary is empty"
    case .duplicateToken(let path, let token): "\(path): the token \"\(token)\" is given twice"
    case .duplicateID(let path, let id, let first, let second):
      "\(path): the tokens \"\(first)\" and \"\(second)\" have the same id \(id)"
    case .idOutOfRange(let path, let token, let id):
      "\(path): the token \"\(token)\" has the id \(id); ids go from 0 to \(Int32.max)"
    case .missingToken(let path, let token, let role):
      "\(path): the vocabulary lacks the \(role) token \"\(token)\""
    case .missingKey(let path, let key): "\(path): the key \"\(key)\" is missing"
    case .invalidValue(let path, let key, let found, let expected):
      "\(path): \"\(key)\" is \(found); expected \(expected)"
    case .unsupported(let path, let part, let found, let supported):
      "\(path): the \(part) \(found) is not supported; supported: \(supported)"
    case .tooLarge(let path, let bytes): "\(path): \(bytes) bytes are too many for a vocabulary"
    case .noRoomForWindows(let maxLength, let stride):
      "windows of \(maxLength) tokens have no room for the text beside special tokens, the other "
        + "text and a stride of \(stride); give a greater length or a smaller stride"
    }
  }
}
