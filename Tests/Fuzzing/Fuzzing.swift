import Glibc

/// Runs the parsers of untrusted files and texts on random bytes: `scripts/fuzz` builds and runs it.
///
///     SwiftletFuzzing TARGET SECONDS CORPUS…      seeded mutations, or libFuzzer where it is linked
///     SwiftletFuzzing TARGET replay FILE…         each file once
@main
struct Fuzzing {
  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    guard let name = arguments.first, let target = FuzzTarget(rawValue: name),
      let seconds = arguments.dropFirst().first, arguments.count > 2
    else {
      let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: "|")
      print("usage: SwiftletFuzzing \(names) SECONDS|replay FOLDER|FILE…")
      exit(2)
    }
    let paths = Array(arguments.dropFirst(2))
    if seconds == "replay" {
      for path in paths { target.run(Corpus.bytes(of: path)) }
      print("\(name): \(paths.count) files")
    } else if let driver = LibFuzzer.driver {
      LibFuzzer.run(driver, target, seconds: seconds, folders: paths)
    } else {
      Mutations.run(target, seconds: Int(seconds) ?? 60, folders: paths)
    }
  }
}

/// Coverage-guided fuzzing, in builds that `scripts/fuzz` links the driver into.
enum LibFuzzer {
  typealias Body = @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
  typealias Arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  typealias Driver =
    @convention(c) (
      UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Arguments>, Body
    ) -> Int32

  static var driver: Driver? {
    dlsym(dlopen(nil, RTLD_NOW), "LLVMFuzzerRunDriver").map {
      unsafeBitCast($0, to: Driver.self)
    }
  }

  nonisolated(unsafe) private static var target = FuzzTarget.text

  static func run(_ driver: Driver, _ target: FuzzTarget, seconds: String, folders: [String]) {
    self.target = target
    // The smallest model has 6,000 bytes, as a graph and in the int8 format.
    let length = [.onnx, .quantized].contains(target) ? 16_384 : 4096
    let options = [
      CommandLine.arguments[0], "-max_total_time=\(seconds)", "-max_len=\(length)", "-timeout=10",
      "-rss_limit_mb=2048", "-verbosity=0", "-print_final_stats=1",
    ]
    var strings = (options + folders).map { strdup($0) }
    strings.append(nil)
    strings.withUnsafeMutableBufferPointer { strings in
      guard var arguments = strings.baseAddress else { return }
      var count = Int32(strings.count - 1)
      let status = driver(&count, &arguments) { bytes, count in
        LibFuzzer.target.run([UInt8](UnsafeBufferPointer(start: bytes, count: count)))
        return 0
      }
      exit(status)
    }
  }
}
