import Glibc
import Swiftlet
import SwiftletSystem

/// Finds a model's folder by where the running program, and the library with this code, are.
struct ResourceSearch {
  /// The folder's name in every place.
  let name: String
  /// The environment variable that names the folder.
  let variable: String

  /// What SwiftPM calls the folder with the files of this package, and what it was called before 0.2.
  private static let bundles = [
    "Swiftlet_SwiftletWeightsFiles.resources", "Swiftlet_SwiftletWeights.resources",
  ]

  /// - Throws: ``SwiftletError/missingFile(reason:)``.
  func directory() throws(SwiftletError) -> String {
    if let named = getenv(variable).map({ String(cString: $0) }), !named.isEmpty {
      if let found = [named, named + "/" + name].first(where: isModel) { return found }
      throw .missingFile(
        reason: "\(variable) is \"\(named)\", but neither \(named)/config.json nor "
          + "\(named)/\(name)/config.json is there; name the folder of the bundled model")
    }
    let places = self.places
    if let found = places.first(where: isModel) { return found }
    throw .missingFile(
      reason: "the bundled model is not installed: no config.json in "
        + places.joined(separator: ", ")
        + "; copy the folder \(name) beside the program, or name it in \(variable)")
  }

  /// Where the folder may be, the best first, each once.
  var places: [String] {
    var places: [String] = []
    for folder in [Self.programFolder, Self.libraryFolder, Self.sourceFolder] {
      guard let folder else { continue }
      for place in self.places(from: folder) where !places.contains(place) {
        places.append(place)
      }
    }
    return places
  }

  /// `PREFIX/bin` and `PREFIX/lib` are a step below the prefix, `PREFIX/libexec/swiftlet` two.
  private func places(from folder: String) -> [String] {
    guard folder != Self.sourceFolder else { return [folder + "/" + name] }
    let prefixes = [Self.parent(of: folder), Self.parent(of: Self.parent(of: folder))]
    return Self.bundles.map { "\(folder)/\($0)/\(name)" } + ["\(folder)/\(name)"]
      + prefixes.map { ($0 == "/" ? "" : $0) + "/share/swiftlet/models/\(name)" }
  }

  private func isModel(_ folder: String) -> Bool {
    access(folder + "/config.json", F_OK) == 0
  }

  private static var programFolder: String? { ProcessArguments.programPath().map(parent) }

  /// Where the file is that this code was loaded from; nil if the loader knows it by no path.
  ///
  /// By `dladdr`, which Glibc's module does not have; the first word of its answer is the path.
  private static var libraryFolder: String? {
    typealias Address =
      @convention(c) (_ address: UnsafeRawPointer, _ info: UnsafeMutableRawPointer) -> CInt
    guard let symbol = dlsym(nil, "dladdr") else { return nil }
    var info: (UnsafePointer<CChar>?, UInt, UInt, UInt) = (nil, 0, 0, 0)
    guard unsafeBitCast(symbol, to: Address.self)(#dsohandle, &info) != 0, let file = info.0
    else { return nil }
    let path = String(cString: file)
    // A program that was found by PATH has a name without a folder.
    guard path.utf8.contains(UInt8(ascii: "/")) else { return nil }
    return ProcessArguments.resolved(path).map(parent)
  }

  /// On the machine that built the program, also after the program was moved.
  private static var sourceFolder: String? { parent(of: #filePath) }

  private static func parent(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash != path.startIndex else {
      return "/"
    }
    return String(path[..<slash])
  }
}
