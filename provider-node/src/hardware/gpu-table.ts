/** CUDA cores of one streaming multiprocessor, by compute capability. From the architectures' white papers. */
const CORES_PER_SM: Readonly<Record<string, number>> = {
  "6.0": 64, "6.1": 128, "7.0": 64, "7.5": 64, "8.0": 64, "8.6": 128, "8.7": 128, "8.9": 128, "9.0": 128, "10.0": 128, "12.0": 128,
};

/** Multiprocessors and memory bandwidth (GB/s) by name, as data sheets give them: nvidia-smi tells neither. */
const CARDS: Readonly<Record<string, readonly [multiprocessors: number, bandwidthGBs: number]>> = {
  "B200": [148, 8000],
  "H200": [132, 4800],
  "H100 80GB HBM3": [132, 3350],
  "H100 PCIe": [114, 2000],
  "H100 NVL": [132, 3900],
  "A100-SXM4-40GB": [108, 1555],
  "A100-SXM4-80GB": [108, 2039],
  "A100-PCIE-40GB": [108, 1555],
  "A100 80GB PCIe": [108, 1935],
  "A10": [72, 600],
  "A40": [84, 696],
  "L4": [58, 300],
  "L40": [142, 864],
  "L40S": [142, 864],
  "T4": [40, 320],
  "Tesla T4": [40, 320],
  "Tesla V100-SXM2-16GB": [80, 900],
  "Tesla V100-SXM2-32GB": [80, 900],
  "RTX A6000": [84, 768],
  "RTX 6000 Ada Generation": [142, 960],
  "GeForce RTX 2080 Ti": [68, 616],
  "GeForce RTX 3060": [28, 360],
  "GeForce RTX 3070": [46, 448],
  "GeForce RTX 3080": [68, 760],
  "GeForce RTX 3090": [82, 936],
  "GeForce RTX 3090 Ti": [84, 1008],
  "GeForce RTX 4060": [24, 272],
  "GeForce RTX 4060 Ti": [34, 288],
  "GeForce RTX 4070": [46, 504],
  "GeForce RTX 4070 Ti": [60, 504],
  "GeForce RTX 4080": [76, 717],
  "GeForce RTX 4090": [128, 1008],
  "GeForce RTX 5070": [48, 672],
  "GeForce RTX 5080": [84, 960],
  "GeForce RTX 5090": [170, 1792],
};

/** What is known of a card by its name and compute capability; empty for one that nobody has entered. */
export function cardOf(name: string, computeCapability: string | undefined): { cudaCores?: number; bandwidthGBs?: number } {
  const card = CARDS[name.replace(/^NVIDIA /, "")];
  if (card === undefined) return {};
  const [multiprocessors, bandwidthGBs] = card;
  const cores = computeCapability === undefined ? undefined : CORES_PER_SM[computeCapability];
  return { ...(cores !== undefined && { cudaCores: multiprocessors * cores }), bandwidthGBs };
}
