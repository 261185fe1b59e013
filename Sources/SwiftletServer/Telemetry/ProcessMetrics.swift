#if Server
import Glibc

/// Metrics of the process under the names of Prometheus' client libraries, read on demand.
enum ProcessMetrics {
  static func render() -> String {
    PrometheusText.family(
      "process_resident_memory_bytes", .gauge, help: "Resident memory size in bytes.",
      residentBytes().map { Double($0) })
      + PrometheusText.family(
        "process_cpu_seconds_total", .counter,
        help: "Total user and system CPU time spent in seconds.", processorSeconds())
      + PrometheusText.family(
        "process_start_time_seconds", .gauge,
        help: "Start time of the process since unix epoch in seconds.", startSeconds)
      + PrometheusText.family(
        "process_open_fds", .gauge, help: "Number of open file descriptors.",
        openDescriptors().map { Double($0) })
      + PrometheusText.family(
        "process_max_fds", .gauge, help: "Maximum number of open file descriptors.",
        descriptorLimit.map { Double($0) })
  }

  private static func residentBytes() -> Int? { memoryPages().map { $0.resident * pageSize } }

  /// Resident memory that is not mapped from a file; nil if the system does not say.
  static func anonymousBytes() -> Int? {
    memoryPages().map { ($0.resident - $0.shared) * pageSize }
  }

  private static let pageSize = sysconf(Int32(_SC_PAGESIZE))

  /// The second and the third number of `/proc/self/statm`; nil if there is no such file.
  private static func memoryPages() -> (resident: Int, shared: Int)? {
    let fields = contents(of: "/proc/self/statm", atMost: 256)?.split(separator: UInt8(ascii: " "))
    guard let fields, let resident = number(fields, at: 1), let shared = number(fields, at: 2)
    else { return nil }
    return (resident, shared)
  }

  private static func contents(of path: String, atMost most: Int) -> ArraySlice<UInt8>? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: most)
    let count = read(file, &buffer, buffer.count)
    return count > 0 ? buffer[..<count] : nil
  }

  private static func number(_ fields: [ArraySlice<UInt8>], at index: Int) -> Int? {
    fields.indices.contains(index) ? Int(String(decoding: fields[index], as: UTF8.self)) : nil
  }

  private static func processorSeconds() -> Double? {
    // POSIX defines a million clocks per second.
    let time = clock()
    return time < 0 ? nil : Double(time) / 1e6
  }

  /// The start of the process in seconds since 1970: the boot time, and the ticks since then.
  private static let startSeconds: Double? = {
    // The name of the program may have spaces and parentheses; the start is the 20th field behind
    // it.
    guard let status = contents(of: "/proc/self/stat", atMost: 4096),
      let name = status.lastIndex(of: UInt8(ascii: ")")),
      let ticks = number(status[(name + 1)...].split(separator: UInt8(ascii: " ")), at: 19),
      let lines = contents(of: "/proc/stat", atMost: 1 << 20)?.split(separator: UInt8(ascii: "\n")),
      let line = lines.first(where: { $0.starts(with: "btime ".utf8) }),
      let boot = number(line.split(separator: UInt8(ascii: " ")), at: 1)
    else { return nil }
    return Double(boot) + Double(ticks) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }()

  /// Open files and sockets; nil if there is no such directory.
  private static func openDescriptors() -> Int? {
    guard let folder = opendir("/proc/self/fd") else { return nil }
    defer { closedir(folder) }
    var count = 0
    while readdir(folder) != nil { count += 1 }
    // `.`, `..`, and the descriptor of the directory.
    return max(0, count - 3)
  }

  /// Files and sockets that the process may have open; nil if the system doesn't say.
  static var descriptorLimit: Int? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
    return Int(clamping: limit.rlim_cur)
  }
}
#endif
