/** Why Vulkan cannot be used here; null where it can be, or where WebGPU works without it. */
export function missingVulkan(library: string = "libvulkan.so.1"): string | null {
  if (process.platform !== "linux") return null;
  try {
    // It is no module of Node's, so this throws in any case; what it says tells whether the library was found.
    process.dlopen({ exports: {} }, library);
  } catch (error) {
    const { message } = error as Error;
    if (!message.includes("cannot open shared object file")) return null;
  }
  return [
    `there is no ${library} here, the loader of Vulkan drivers, which WebGPU needs.`,
    "Debian, Ubuntu: apt-get install libvulkan1. Fedora: dnf install vulkan-loader. In a container, the driver's own",
    "libraries and its file in /usr/share/vulkan/icd.d (or /etc/vulkan/icd.d) must be there as well; VK_DRIVER_FILES",
    "names that file where it lies elsewhere. LD_LIBRARY_PATH may name the folder of a copied libvulkan.so.1.",
  ].join("\n  ");
}
