#if Server
import Glibc

/// What the process takes, under the names that Prometheus' own clients use; read when asked for.
enum ProcessMetrics {
  static func render() -> String {
    var text = ""
    if let bytes = residentBytes() {
      text += "# TYPE process_resident_memory_bytes gauge\n"
      text += PrometheusText.line("process_resident_memory_bytes", "", Double(bytes)) + "\n"
    }
    if let seconds = processorSeconds() {
      text += "# TYPE process_cpu_seconds_total counter\n"
      text += PrometheusText.line("process_cpu_seconds_total", "", seconds) + "\n"
    }
    return text
  }

  /// The second number of `/proc/self/statm`, in pages; nil where there is no such file.
  private static func residentBytes() -> Int? {
    let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = read(file, &buffer, buffer.count)
    guard count > 0 else { return nil }
    let fields = buffer[..<count].split(separator: UInt8(ascii: " "))
    guard fields.count > 1, let pages = Int(String(decoding: fields[1], as: UTF8.self)) else {
      return nil
    }
    return pages * sysconf(Int32(_SC_PAGESIZE))
  }

  private static func processorSeconds() -> Double? {
    var time = timespec()
    guard clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 else { return nil }
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Files and sockets that the process may have open; nil if the system doesn't say.
  static var descriptorLimit: Int? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
    return Int(clamping: limit.rlim_cur)
  }
}
#endif
