/** The policy frameworks that a policy file may name as the place of its server. */
export const frameworkNames = ["lerobot", "groot_n15", "pi0", "isaac_sim", "isaac_lab", "reference"] as const;
