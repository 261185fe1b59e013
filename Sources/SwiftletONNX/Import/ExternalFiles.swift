import Glibc
import SwiftletSystem

/// The files beside an ONNX file that hold the data of its tensors.
///
/// A location in a file of unknown origin must not read other files of the machine. It must therefore be
/// a relative path without `..`, and its file, after all links, must be in the ONNX file's folder. Only
/// the Hub's cache may have links out of the folder, to the blobs of the same repository.
struct ExternalFiles: Sendable {
  private let path: String
  private let loading: FileLoading
  /// The real paths of the folders that may hold data.
  private let roots: [String]
  private(set) var files: [String: FileContents] = [:]

  /// `path` is the ONNX file.
  init(besides path: String, loading: FileLoading) {
    self.path = path
    self.loading = loading
    guard let folder = Self.realPath(Self.folder(of: path)) else {
      roots = []
      return
    }
    let parts = folder.split(separator: "/")
    var roots = [folder]
    if let place = parts.lastIndex(of: "snapshots") {
      roots.append("/" + (parts[..<place] + ["blobs"]).joined(separator: "/"))
    }
    self.roots = roots
  }

  /// Opens the file of a tensor, unless it is open, and checks that it has the tensor's bytes.
  ///
  /// - Throws: `externalData`.
  mutating func open(
    _ data: ExternalData, for constant: StoredConstant
  ) throws(ONNXImportError) {
    func refusal(_ reason: String) -> ONNXImportError {
      .externalData(path: path, tensor: constant.name, location: data.location, reason: reason)
    }
    let file: FileContents
    if let open = files[data.location] {
      file = open
    } else {
      guard let place = place(of: data.location) else {
        throw refusal("is not in the folder of the ONNX file; only files there are read")
      }
      do throws(FileError) {
        file = try FileContents(path: place, loading: loading)
      } catch {
        throw refusal("can't be read (\(error.reason)); put it beside the ONNX file")
      }
      files[data.location] = file
    }
    let length = data.length ?? constant.byteCount
    guard length == constant.byteCount else {
      throw refusal("has \(length) bytes of it where its shape and type need \(constant.byteCount)")
    }
    guard data.offset <= file.bytes.count, length <= file.bytes.count - data.offset else {
      throw refusal(
        "ends before its bytes \(data.offset) to \(data.offset &+ length); download it again")
    }
  }

  /// The real path of a location; nil if it is not within the roots. A missing file has the path that
  /// it would have.
  private func place(of location: String) -> String? {
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    guard let root = roots.first, !location.utf8.contains(0),
      parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." })
    else { return nil }
    let path = root + "/" + location
    guard let real = Self.realPath(path) else { return path }
    return roots.contains { real.hasPrefix($0 + "/") } ? real : nil
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func realPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }
}
