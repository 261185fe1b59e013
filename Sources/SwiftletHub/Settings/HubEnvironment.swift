#if Hub
import Glibc
import SwiftletSystem

/// The environment variables of huggingface_hub.
struct HubEnvironment: Sendable {
  private let variable: @Sendable (String) -> String?

  /// Reads the variables of the process.
  init() {
    self.init { name in getenv(name).map { String(cString: $0) } }
  }

  init(_ variable: @escaping @Sendable (String) -> String?) { self.variable = variable }

  /// The value of a variable; nil if it is missing or empty.
  subscript(name: String) -> String? {
    guard let value = variable(name), !value.isEmpty else { return nil }
    return value
  }

  /// Whether a variable is 1, ON, YES or TRUE, in any case.
  func isTrue(_ name: String) -> Bool {
    ["1", "ON", "YES", "TRUE"].contains(self[name]?.uppercased())
  }

  /// Seconds from 1 to 86400; 10 without the variable or with 0.
  func seconds(_ name: String) throws(HubError) -> Int {
    guard let text = self[name] else { return 10 }
    guard let value = Int(text), (0...86_400).contains(value) else {
      throw .invalidSetting(
        name: name, value: text, expected: "a whole number of seconds from 1 to 86400")
    }
    return value == 0 ? 10 : value
  }

  // MARK: Folders

  /// The folder of the cache.
  var cache: String {
    get throws(HubError) {
      for name in ["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"] {
        if let path = self[name] { return expanded(path) }
      }
      return try home + "/hub"
    }
  }

  /// The folder of huggingface_hub's files.
  private var home: String {
    get throws(HubError) {
      if let path = self["HF_HOME"] { return expanded(path) }
      if let path = self["XDG_CACHE_HOME"] { return expanded(path) + "/huggingface" }
      guard let path = userHome else {
        throw .invalidSetting(
          name: "HF_HOME", value: "", expected: "the folder of the cache, as there is no HOME")
      }
      return path + "/.cache/huggingface"
    }
  }

  private var userHome: String? {
    if let home = self["HOME"] { return home }
    guard let entry = getpwuid(getuid()), let path = entry.pointee.pw_dir else { return nil }
    return String(cString: path)
  }

  /// The path with a leading `~`, `$NAME` and `${NAME}` replaced, as Python's `expanduser` and
  /// `expandvars` do it.
  func expanded(_ path: String) -> String {
    var path = path
    if path == "~" || path.hasPrefix("~/"), let userHome { path = userHome + path.dropFirst() }
    var result = ""
    var rest = path[...]
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      let after = rest[rest.index(after: dollar)...]
      let isBraced = after.first == "{"
      let name = (isBraced ? after.dropFirst() : after).prefix {
        isBraced ? $0 != "}" : $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_")
      }
      let end =
        isBraced && name.endIndex < after.endIndex
        ? after.index(after: name.endIndex) : name.endIndex
      let isClosed = !isBraced || name.endIndex < after.endIndex
      if isClosed, !name.isEmpty, let value = variable(String(name)) {
        result += value
      } else {
        result += rest[dollar..<end]
      }
      rest = rest[end...]
    }
    return result + rest
  }

  // MARK: The token

  private var tokenPath: String {
    get throws(HubError) {
      if let path = self["HF_TOKEN_PATH"] { return expanded(path) }
      return try home + "/token"
    }
  }

  /// The token of the account and the variable or file that it is in; nil if there is none, or if it
  /// must not be sent unasked.
  var token: (text: String, source: String)? {
    get throws(HubError) {
      if isTrue("HF_HUB_DISABLE_IMPLICIT_TOKEN") { return nil }
      for name in ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"] {
        if let text = self[name] { return (text, name) }
      }
      let path = try tokenPath
      do throws(FileError) {
        let file = try FileContents(path: path, loading: .read, limit: 1 << 16)
        return withExtendedLifetime(file) { (String(decoding: file.bytes, as: UTF8.self), path) }
      } catch {
        if error.isNotFound { return nil }
        throw .invalidSetting(name: path, value: error.reason, expected: "a readable token")
      }
    }
  }
}
#endif
