/** The DHT's own protocol: peers of other networks neither enter its tables nor are asked. */
export const DHT_PROTOCOL = "/infernet/kad/1.0.0";
