import FoundationEssentials
import Glibc

/// Whole files as text and as JSON.
enum Files {
  static func text(_ path: String) throws(BenchmarkError) -> String {
    do {
      return try String(contentsOfFile: path, encoding: .utf8)
    } catch {
      throw .file(path: path, reason: "cannot be read as UTF-8: \(error)")
    }
  }

  static func decode<Value: Decodable>(
    _ type: Value.Type, from path: String
  ) throws(BenchmarkError) -> Value {
    let content = try text(path)
    do {
      return try JSONDecoder().decode(type, from: Data(content.utf8))
    } catch {
      throw .file(path: path, reason: "is not as expected: \(error)")
    }
  }

  static func json(_ value: some Encodable, isPretty: Bool) throws(BenchmarkError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = isPretty ? [.prettyPrinted, .sortedKeys] : [.sortedKeys]
    do {
      return String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      throw .process("cannot be written as JSON: \(error)")
    }
  }

  static func write(_ content: String, to path: String) throws(BenchmarkError) {
    do {
      try content.write(toFile: path, atomically: true, encoding: .utf8)
    } catch {
      throw .file(path: path, reason: "cannot be written: \(error)")
    }
  }

  static func makeDirectory(_ path: String) throws(BenchmarkError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw .file(path: path, reason: "cannot be made: \(error)")
    }
  }

  /// A file of the repository, beside this package's sources.
  static func inRepository(_ path: String) -> String {
    #filePath.split(separator: "/").dropLast(4).reduce("") { $0 + "/" + $1 } + "/" + path
  }

  /// Writes a line to standard output at once: a reader in another process waits for it.
  static func printLine(_ line: String) {
    print(line)
    fflush(nil)
  }

  /// Says what is being done.
  static func note(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
  }
}
