#if Server
import Glibc
import Swiftlet
import SwiftletSystem

/// Identifies the content of a model's folder, whatever its path, in the first 16 hexadecimal digits of
/// a SHA-256 hash.
///
/// It is the same on every machine with the same files. It tells versions of a model apart, and is
/// not a check against damage: of a file of more than a megabyte, only blocks at equal distances
/// are read, so that a start does not take longer.
enum ModelFingerprint {
  /// Files up to this size are read in full.
  private static let maxWhole = 1 << 20
  private static let blockSize = 4096
  private static let blockCount = 64
  private static let endings = [".json", ".safetensors", ".txt"]

  /// The fingerprint of a folder and the folders of its modules; nil if the folder can't be read.
  static func of(_ folder: ModelFolder) -> String? {
    var folders: [(name: String, path: String)] = [("", folder.directory)]
    for module in folder.modules where !folders.contains(where: { $0.path == module.path }) {
      folders.append((module.name + "/", module.path))
    }
    var hash = MessageDigest<SHA256>()
    var count = 0
    for (name, path) in folders {
      for entry in files(in: path) {
        add("\(path)/\(entry)", named: name + entry, to: &hash)
        count += 1
      }
    }
    return count == 0 ? nil : String(hash.finish().prefix(16))
  }

  /// The fingerprint of the folder at a path; nil if there is no model.
  static func of(_ path: String) -> String? {
    (try? ModelLocation(path).folder()).flatMap { of($0) }
  }

  /// The names of a folder's files that can belong to a model, sorted.
  private static func files(in path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if endings.contains(where: { name.hasSuffix($0) }) { names.append(name) }
    }
    return names.sorted()
  }

  private static func add(_ path: String, named name: String, to hash: inout MessageDigest<SHA256>)
  {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else { return }
    defer { close(file) }
    let size = Int(lseek(file, 0, SEEK_END))
    hash.update("\(name.utf8.count) \(name) \(size)\n")
    guard size > 0 else { return }
    if size <= maxWhole {
      add(file, 0, count: size, to: &hash)
    } else {
      let last = size - blockSize
      for block in 0..<blockCount {
        add(file, last / (blockCount - 1) * block, count: blockSize, to: &hash)
      }
      add(file, last, count: blockSize, to: &hash)
    }
  }

  private static func add(
    _ file: Int32, _ offset: Int, count: Int, to hash: inout MessageDigest<SHA256>
  ) {
    withUnsafeTemporaryAllocation(byteCount: count, alignment: 8) { buffer in
      let read = pread(file, buffer.baseAddress, count, off_t(offset))
      if read > 0 { hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<read])) }
    }
  }
}
#endif
