import Glibc

/// Mutates the files of a corpus at random, from a fixed seed, if there is no libFuzzer.
enum Mutations {
  static func run(_ target: FuzzTarget, seconds: Int, folders: [String]) {
    let seeds = folders.flatMap(Corpus.files).map(Corpus.bytes)
    guard !seeds.isEmpty else { preconditionFailure("no files in \(folders)") }
    var random = Generator(state: 2026)
    let end = time(nil) + seconds
    var count = 0
    while time(nil) < end {
      for _ in 0..<64 {
        var bytes = seeds[random.below(seeds.count)]
        for _ in 0...random.below(6) { change(&bytes, seeds, &random) }
        target.run(bytes)
        count += 1
      }
    }
    print("\(target.rawValue): \(count) inputs, without coverage")
  }

  private static func change(
    _ bytes: inout [UInt8], _ seeds: [[UInt8]], _ random: inout Generator
  ) {
    let place = random.below(bytes.count + 1)
    let length = min(random.below(16), bytes.count - place)
    switch random.below(6) {
    case 0: bytes.removeSubrange(place..<place + length)
    case 1: bytes.insert(contentsOf: bytes[place..<place + length], at: place)
    case 2: bytes.insert(UInt8(truncatingIfNeeded: random.below(256)), at: place)
    case 3 where place < bytes.count: bytes[place] ^= 1 << UInt8(random.below(8))
    case 4:
      let words = ["0", "-1", "9223372036854775807", "1e999", "[", "{", "\"", "\\u0000", "null"]
      bytes.insert(contentsOf: words[random.below(words.count)].utf8, at: place)
    default:
      let other = seeds[random.below(seeds.count)]
      bytes.replaceSubrange(place..., with: other.suffix(random.below(other.count + 1)))
    }
  }

  /// Knuth's 64-bit linear congruential generator, upper bits.
  private struct Generator {
    var state: UInt64

    mutating func below(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
  }
}

/// Files to begin with.
enum Corpus {
  static func files(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if !name.hasPrefix(".") { names.append("\(folder)/\(name)") }
    }
    return names.sorted()
  }

  static func bytes(of path: String) -> [UInt8] {
    guard let file = fopen(path, "r") else { preconditionFailure("cannot read \(path)") }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var byte = getc(file)
    while byte != EOF {
      bytes.append(UInt8(truncatingIfNeeded: byte))
      byte = getc(file)
    }
    return bytes
  }
}
