import Glibc

/// What was measured on.
struct Machine: Codable, Sendable {
  var processor: String
  var processorCount: Int
  var instructionSet: InstructionSet
  var memoryGigabytes: Double
  var kernel: String
  var hugePages: String

  enum CodingKeys: String, CodingKey {
    case processor, kernel
    case processorCount = "processors"
    case instructionSet = "instruction_set"
    case memoryGigabytes = "memory_gb"
    case hugePages = "transparent_huge_pages"
  }

  static var current: Machine {
    let information = contents("/proc/cpuinfo")
    return Machine(
      processor: field("model name", of: information) ?? "unknown",
      processorCount: sysconf(Int32(_SC_NPROCESSORS_ONLN)),
      instructionSet: best(flags: field("flags", of: information) ?? ""),
      memoryGigabytes: (kilobytes("MemTotal", of: contents("/proc/meminfo")) / 1e5).rounded() / 10,
      kernel: contents("/proc/sys/kernel/osrelease").filter { !$0.isNewline },
      hugePages: contents("/sys/kernel/mm/transparent_hugepage/enabled").filter { !$0.isNewline })
  }

  /// The best set whose features are all there: those of the kernels' targets.
  private static func best(flags: String) -> InstructionSet {
    let flags = Set(flags.split(separator: " "))
    guard flags.isSuperset(of: ["avx2", "fma"]) else { return .baseline }
    let more: Set<Substring> = [
      "avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", "avx512_vnni",
    ]
    guard flags.isSuperset(of: more) else { return .avx2 }
    return flags.contains("avx512_bf16") ? .avx512bf16 : .avx512
  }

  /// A file of the kernel's, whose size is not known before it is read; empty where there is none.
  static func contents(_ path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var text: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
      text += buffer[..<count]
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The first line `name: value`.
  static func field(_ name: String, of text: String) -> String? {
    for line in text.split(separator: "\n") where line.hasPrefix(name) {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = line[line.index(after: colon)...].drop(while: \.isWhitespace)
      return String(value)
    }
    return nil
  }

  /// The number in a line `name:  1234 kB`.
  static func kilobytes(_ name: String, of text: String) -> Double {
    let value = field(name, of: text)?.split(separator: " ").first ?? ""
    return Double(value) ?? 0
  }
}

/// How busy the machine was, for what else ran on it.
struct MachineLoad {
  private let moment = now()
  private let busy: Double
  private let stolen: Double
  private let own: Double

  init() {
    let fields =
      Machine.contents("/proc/stat").split(separator: "\n").first?
      .split(separator: " ").dropFirst().compactMap { Double($0) } ?? []
    let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
    // user nice system idle iowait irq softirq steal
    busy = fields.count >= 8 ? (fields[..<8].reduce(0, +) - fields[3] - fields[4]) / ticks : 0
    stolen = fields.count >= 8 ? fields[7] / ticks : 0
    own = Self.usage(RUSAGE_SELF) + Self.usage(RUSAGE_CHILDREN)
  }

  private static func usage(_ whose: __rusage_who) -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(whose.rawValue), &usage)
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }

  private static func seconds(_ time: timeval) -> Double {
    Double(time.tv_sec) + Double(time.tv_usec) * 1e-6
  }

  /// The share of all processors, in percent, that others had since this value was made.
  func othersPercent() -> Double {
    let end = MachineLoad()
    let others = max(0, (end.busy - busy) - (end.own - own))
    let available = (end.moment - moment) * Double(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    return (1000 * others / max(available, 1e-3)).rounded() / 10
  }

  /// The same for what the hypervisor gave to other machines.
  func stolenPercent() -> Double {
    let end = MachineLoad()
    let available = (end.moment - moment) * Double(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    return (1000 * (end.stolen - stolen) / max(available, 1e-3)).rounded() / 10
  }
}
