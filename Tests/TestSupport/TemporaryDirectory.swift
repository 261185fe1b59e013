import Glibc

/// An empty directory, which is removed with its files and empty folders when this object is released.
package final class TemporaryDirectory {
  package let path: String

  package init() throws {
    var template = [CChar]("/tmp/swiftlet-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw CannotCreate() }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    for name in names where unlink("\(path)/\(name)") != 0 { rmdir("\(path)/\(name)") }
    rmdir(path)
  }

  /// The names in the directory, in byte order.
  package var names: [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Writes `bytes` to a file of a name and returns its path.
  package func write(_ bytes: [UInt8], to name: String) throws -> String {
    let file = "\(path)/\(name)"
    guard let stream = fopen(file, "wb") else { throw CannotCreate() }
    defer { fclose(stream) }
    guard fwrite(bytes, 1, bytes.count, stream) == bytes.count else { throw CannotCreate() }
    return file
  }

  private struct CannotCreate: Error {}
}
