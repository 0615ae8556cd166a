/** Nobody with these addresses may connect to anything, whatever port is open. */
export const BANNED = '198.51.100.66';
export const BANNED_IPV6 = '2001:db8:2::66';

const SERVICES = [20, 21, 22, 25, 53, 80, 110, 143, 443, 465, 587, 993, 995, 2077, 2078, 2079, 2080];
const PANEL = [2082, 2083, 2086, 2087, 2091, 2095, 2096];

/** What a cPanel server lets in before anybody thought of passive FTP. */
export const PORTS: readonly number[] = [...SERVICES, ...PANEL];
