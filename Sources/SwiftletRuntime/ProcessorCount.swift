import Glibc
import SwiftletSystem

/// The number of threads to use: the processors of this process, at most as many as its container's
/// CPU quota allows.
package enum ProcessorCount {
  /// The processors of the affinity mask, bounded by the quotas of the control groups (version 1 or
  /// 2) and by `SWIFTLET_THREADS`.
  package static func available() throws(KernelsError) -> Int {
    let count = min(affinity(), quota() ?? .max)
    guard let text = environment("SWIFTLET_THREADS") else { return count }
    guard let limit = Int(text), (1...4096).contains(limit) else {
      throw .invalidThreadCount(text)
    }
    return min(count, limit)
  }

  /// The processors that the scheduler may put this process on, as the kernel lists them.
  private static func affinity() -> Int {
    let status = contents("/proc/self/status") ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed_list:") }
    let list = line?.split(separator: ":").last ?? ""
    return processors(cpuList: String(list)) ?? processorsOfMask()
      ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }

  /// The processors of the affinity mask, where /proc is missing; nil on a machine with more
  /// processors than the mask has bits. Glibc's module lacks `sched_getaffinity`.
  static func processorsOfMask() -> Int? {
    typealias Affinity =
      @convention(c) (_ process: pid_t, _ size: Int, _ mask: UnsafeMutableRawPointer) -> CInt
    guard let symbol = dlsym(nil, "sched_getaffinity") else { return nil }
    var mask = [UInt64](repeating: 0, count: 128)
    let size = mask.count * MemoryLayout<UInt64>.size
    guard unsafeBitCast(symbol, to: Affinity.self)(0, size, &mask) == 0 else { return nil }
    return mask.reduce(0) { $0 + $1.nonzeroBitCount }
  }

  /// `0-3,8,10-11` is 7 processors; nil if the text is not such a list.
  static func processors(cpuList list: String) -> Int? {
    var count = 0
    for range in list.filter({ !$0.isWhitespace }).split(separator: ",") {
      let ends = range.split(separator: "-", omittingEmptySubsequences: false)
      guard ends.count <= 2, let first = ends.first.flatMap({ Int($0) }),
        let last = ends.last.flatMap({ Int($0) }), first <= last, last < 1 << 20
      else { return nil }
      count += last - first + 1
    }
    return count > 0 ? count : nil
  }

  private static func quota() -> Int? {
    quota(root: "/sys/fs/cgroup", membership: contents("/proc/self/cgroup") ?? "")
  }

  /// The smallest quota of this process's control groups, from its own up to the mounted root.
  /// `membership` has a line `number:controllers:path` for each hierarchy; version 2 has no
  /// controllers there. In a container the path may be the host's, of which only the root is
  /// mounted.
  static func quota(root: String, membership: String) -> Int? {
    var smallest: Int?
    for line in membership.split(separator: "\n") {
      let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard fields.count == 3 else { continue }
      let controllers = fields[1].split(separator: ",")
      guard controllers.isEmpty || controllers.contains("cpu") else { continue }
      let mount = controllers.isEmpty ? root : root + "/cpu"
      let parts = fields[2].split(separator: "/")
      for depth in 0...parts.count {
        let group = ([mount] + parts.prefix(depth).map(String.init)).joined(separator: "/")
        guard let count = quota(ofGroup: group, isUnified: controllers.isEmpty) else { continue }
        smallest = min(smallest ?? .max, count)
      }
    }
    return smallest
  }

  private static func quota(ofGroup group: String, isUnified: Bool) -> Int? {
    if isUnified { return firstLine(group + "/cpu.max").flatMap { processors(cpuMax: $0) } }
    guard let quota = firstLine(group + "/cpu.cfs_quota_us"),
      let period = firstLine(group + "/cpu.cfs_period_us")
    else { return nil }
    return processors(cpuMax: "\(quota) \(period)")
  }

  /// `QUOTA PERIOD` in microseconds, rounded up to whole processors; nil for `max`, for version 1's
  /// -1 and for other text.
  static func processors(cpuMax line: String) -> Int? {
    let fields = line.split(whereSeparator: \.isWhitespace)
    guard fields.count == 2, let quota = Int(fields[0]), let period = Int(fields[1]), quota > 0,
      period > 0
    else { return nil }
    return quota / period + (quota % period == 0 ? 0 : 1)
  }

  private static func firstLine(_ path: String) -> String? {
    contents(path)?.split(separator: "\n").first.map(String.init)
  }

  private static func contents(_ path: String) -> String? {
    guard let file = try? FileContents(path: path, loading: .read) else { return nil }
    return String(decoding: file.bytes, as: UTF8.self)
  }
}
