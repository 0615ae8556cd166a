/** What a daemon of containers puts in at run time. */
export const DOCKER = `
for tool in iptables ip6tables; do
  $tool -t nat -N DOCKER
  $tool -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
  for chain in DOCKER DOCKER-USER DOCKER-ISOLATION-STAGE-1; do $tool -N $chain; done
  $tool -A FORWARD -j DOCKER-USER
  $tool -A FORWARD -j DOCKER-ISOLATION-STAGE-1
  $tool -A FORWARD -o docker0 -j DOCKER
  $tool -A DOCKER-ISOLATION-STAGE-1 -j RETURN
  $tool -A DOCKER-USER -j RETURN
  $tool -P FORWARD DROP
done
iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
iptables -t nat -A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
iptables -A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT`;
