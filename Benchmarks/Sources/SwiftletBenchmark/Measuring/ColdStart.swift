import Glibc

/// A fresh process of this program: how soon it answers and what memory it has.
struct ColdStart: Codable, Sendable {
  /// From the start of the process to the model loaded.
  var loadedSeconds: Double
  /// From the start of the process to the first answer, for 16 tokens.
  var firstAnswerSeconds: Double
  /// Resident after the first answer, and after three of 512 tokens.
  var residentMegabytes: Double
  var residentAfter512Megabytes: Double
  var peakMegabytes: Double

  enum CodingKeys: String, CodingKey {
    case loadedSeconds = "loaded_s"
    case firstAnswerSeconds = "first_answer_s"
    case residentMegabytes = "resident_mb"
    case residentAfter512Megabytes = "resident_after_512_mb"
    case peakMegabytes = "peak_mb"
  }

  /// The quickest of several starts; the first brings the files into the page cache.
  static func best(
    of count: Int, model: String, choices: EngineChoices, threads: Int
  ) throws(BenchmarkError) -> ColdStart {
    let workload = Workload(seed: Workload.defaultSeed)
    var configuration = WorkerConfiguration(mode: .cold, threads: threads, modelDirectory: model)
    configuration.coldIDs = workload.latency
    let path = "/tmp/swiftlet-benchmark-\(getpid()).json"
    try Files.write(Files.json(configuration, isPretty: false), to: path)
    defer { unlink(path) }
    var arguments = ["worker", path, "--precision", choices.precision.rawValue]
    arguments += ["--gemm", choices.products.rawValue]
    if let set = choices.instructionSet { arguments += ["--isa", set.rawValue] }

    var best: ColdStart?
    for _ in 0..<count + 1 {
      let start = try once(arguments)
      if start.firstAnswerSeconds < best?.firstAnswerSeconds ?? .infinity { best = start }
    }
    guard let best else { throw .process("no process was started") }
    return best
  }

  private static func once(_ arguments: [String]) throws(BenchmarkError) -> ColdStart {
    let start = now()
    let child = try ChildProcess(arguments)
    try child.wait(for: "@LOADED")
    let loaded = now() - start
    try child.answer()
    try child.wait(for: "@FIRST")
    let first = now() - start
    let resident = child.residentMegabytes("VmRSS")
    try child.answer()
    try child.wait(for: "@SEQ512")
    let after = child.residentMegabytes("VmRSS")
    let peak = child.residentMegabytes("VmHWM")
    try child.answer()
    try child.finish()
    return ColdStart(
      loadedSeconds: loaded, firstAnswerSeconds: first, residentMegabytes: resident,
      residentAfter512Megabytes: after, peakMegabytes: peak)
  }
}

/// This program once more, with pipes to its standard input and output.
private final class ChildProcess {
  private var identifier: pid_t = 0
  private let input: Int32
  private let output: Int32

  init(_ arguments: [String]) throws(BenchmarkError) {
    var toChild: [Int32] = [0, 0]
    var fromChild: [Int32] = [0, 0]
    guard pipe(&toChild) == 0, pipe(&fromChild) == 0 else {
      throw .process("cannot make a pipe: \(String(cString: strerror(errno)))")
    }
    (input, output) = (toChild[1], fromChild[0])
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
    posix_spawn_file_actions_adddup2(&actions, fromChild[1], 1)
    for end in toChild + fromChild { posix_spawn_file_actions_addclose(&actions, end) }

    var words = (["swiftlet-benchmark"] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    let code = posix_spawn(&identifier, "/proc/self/exe", &actions, nil, &words, environ)
    close(toChild[0])
    close(fromChild[1])
    guard code == 0 else {
      throw .process("cannot start a process: \(String(cString: strerror(code)))")
    }
  }

  deinit {
    close(input)
    close(output)
  }

  func wait(for line: String) throws(BenchmarkError) {
    var text: [UInt8] = []
    var byte: UInt8 = 0
    while read(output, &byte, 1) == 1, byte != UInt8(ascii: "\n") { text.append(byte) }
    let found = String(decoding: text, as: UTF8.self)
    guard found == line else {
      throw .process("the child process should have said \(line), and said \"\(found)\"")
    }
  }

  func answer() throws(BenchmarkError) {
    guard write(input, "\n", 1) == 1 else { throw .process("the child process has ended early") }
  }

  func residentMegabytes(_ name: String) -> Double {
    Machine.kilobytes(name, of: Machine.contents("/proc/\(identifier)/status")) / 1024
  }

  func finish() throws(BenchmarkError) {
    var status: Int32 = 0
    guard waitpid(identifier, &status, 0) == identifier, status == 0 else {
      throw .process("the child process failed with status \(status)")
    }
  }
}
