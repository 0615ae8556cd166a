import { phrase } from '../core/phrase.ts';
import { formatRange, type PortRange } from '../core/range.ts';

/** A provider's own firewall, and the command that opens the range in it. Capital words are to be filled in. */
export interface Provider {
  readonly name: string;
  /** How the machine's firmware begins to name the maker, where it does. */
  readonly vendor: string | null;
  readonly where: string;
  readonly command: string;
}

/** The firewalls of providers that stand before a server, as their own programs open a range of TCP ports in them. */
export function providersFor(range: PortRange): Provider[] {
  const [dash, colon] = [formatRange(range), formatRange(range, 'colon')];
  return [
    {
      name: 'Amazon Web Services',
      vendor: 'Amazon EC2',
      where: phrase`the security group of the instance; look at the network ACL of its subnet too`,
      command: `aws ec2 authorize-security-group-ingress --group-id SECURITY-GROUP --protocol tcp --port ${dash} --cidr 0.0.0.0/0`,
    },
    {
      name: 'Google Cloud',
      vendor: 'Google',
      where: phrase`the firewall rules of the instance’s network`,
      command: `gcloud compute firewall-rules create ftp-passive --network NETWORK --direction INGRESS --action ALLOW --rules tcp:${dash} --source-ranges 0.0.0.0/0`,
    },
    {
      name: 'Microsoft Azure',
      vendor: 'Microsoft Corporation',
      where: phrase`the network security group of the machine or its subnet; the priority must be one that is free`,
      command: `az network nsg rule create --resource-group GROUP --nsg-name NSG --name ftp-passive --priority 1000 --direction Inbound --access Allow --protocol Tcp --source-address-prefixes Internet --destination-port-ranges ${dash}`,
    },
    {
      name: 'Hetzner',
      vendor: 'Hetzner',
      where: phrase`the firewall that is applied to the server (for a dedicated server: Robot, Server, Firewall)`,
      command: `hcloud firewall add-rule FIREWALL --direction in --protocol tcp --port ${dash} --source-ips 0.0.0.0/0 --source-ips ::/0`,
    },
    {
      name: 'OVHcloud',
      vendor: 'OpenStack Foundation',
      where: phrase`the security group of the instance (for a dedicated server: the control panel, Network, Edge firewall)`,
      command: `openstack security group rule create --ingress --protocol tcp --dst-port ${colon} --remote-ip 0.0.0.0/0 SECURITY-GROUP`,
    },
    {
      name: 'DigitalOcean',
      vendor: 'DigitalOcean',
      where: phrase`the cloud firewall that holds the Droplet`,
      command: `doctl compute firewall add-rules FIREWALL-ID --inbound-rules protocol:tcp,ports:${dash},address:0.0.0.0/0,address:::/0`,
    },
  ];
}

/** The provider that the machine's firmware names first, the others behind it. @param vendor the firmware's words */
export function likeliestFirst(providers: readonly Provider[], vendor: string): Provider[] {
  const isNamed = (each: Provider): boolean => each.vendor !== null && vendor.startsWith(each.vendor);
  return [...providers.filter(isNamed), ...providers.filter((each) => !isNamed(each))];
}
