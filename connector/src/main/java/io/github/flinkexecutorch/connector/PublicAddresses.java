package io.github.flinkexecutorch.connector;

import java.net.Inet4Address;
import java.net.InetAddress;

/**
 * Tells addresses of the public internet from those of this machine, of private networks and of
 * special purposes, as the registries of IANA list them.
 */
final class PublicAddresses {

  /** Networks that are not public although Java has no name for them: address, prefix length. */
  private static final int[][] SPECIAL_IPV4 = {
    {ipv4(0, 0), 8}, // this network
    {ipv4(100, 64), 10}, // shared by the customers of a carrier
    {ipv4(192, 0), 24}, // protocol assignments
    {ipv4(192, 0) | 2 << 8, 24}, // documentation
    {ipv4(192, 88) | 99 << 8, 24}, // relays between IPv6 and IPv4
    {ipv4(198, 18), 15}, // benchmarks
    {ipv4(198, 51) | 100 << 8, 24}, // documentation
    {ipv4(203, 0) | 113 << 8, 24}, // documentation
    {ipv4(240, 0), 4}, // reserved, and the broadcast address
  };

  private PublicAddresses() {}

  static boolean contains(InetAddress address) {
    if (address.isAnyLocalAddress()
        || address.isLoopbackAddress()
        || address.isLinkLocalAddress()
        || address.isSiteLocalAddress()
        || address.isMulticastAddress()) {
      return false;
    }
    byte[] bytes = address.getAddress();
    return address instanceof Inet4Address ? isPublicIpv4(bytes) : isPublicIpv6(bytes);
  }

  private static boolean isPublicIpv4(byte[] bytes) {
    int address = group(bytes, 0) << 16 | group(bytes, 2);
    for (int[] network : SPECIAL_IPV4) {
      if ((address ^ network[0]) >>> (32 - network[1]) == 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * Only 2000::/3 is given out; of it, 2001::/23 is special, 2001:db8::/32 and 3fff::/20 are for
   * documentation, and 2002::/16 holds any IPv4 address.
   */
  private static boolean isPublicIpv6(byte[] bytes) {
    int first = group(bytes, 0);
    int second = group(bytes, 2);
    return first >>> 13 == 1
        && !(first == 0x2001 && (second < 0x200 || second == 0xdb8))
        && !(first == 0x3fff && second < 0x1000)
        && first != 0x2002;
  }

  private static int group(byte[] bytes, int at) {
    return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
  }

  private static int ipv4(int first, int second) {
    return first << 24 | second << 16;
  }
}
