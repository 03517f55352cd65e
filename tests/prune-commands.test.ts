// Which shell commands remove exited containers of pods, and which only look so.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pruneCommandsIn } from '../src/mesh/pruning/prune-commands.ts';

const removes = suite('removes containers of pods');

for (const script of [
  'docker container prune -f',
  'docker system prune -af --volumes',
  'docker system prune --all --force --filter "until=24h"',
  'sudo /usr/bin/docker container prune --force',
  'docker rm $(docker ps -aq)',
  'docker rm -v $(docker ps -a -q -f status=exited)',
  'docker rm `docker ps -aq --filter "status=exited"`',
  'docker container rm $(docker container ls -aq)',
  "docker ps -a | grep Exited | awk '{print $1}' | xargs docker rm",
  'docker ps -aqf status=exited | xargs -r docker rm -f',
  'docker ps -a --filter name=k8s_istio-init -q | xargs docker rm',
  'for c in $(docker ps -aq); do docker rm "$c"; done',
  'ids=$(docker ps -aq -f status=dead)\nif [ -n "$ids" ]; then docker rm $ids; fi',
  'docker ps -aq | while read id\ndo\n  docker rm $id\ndone',
  'nsenter -t 1 -m -u -i -n -- docker system prune -f',
  'nsenter -t 1 -m -- sh -c "df -h && docker system prune -f"',
  "chroot /host bash -ec 'docker container prune -f >/dev/null 2>&1'",
  'if ! docker system prune -f; then exit 1; fi',
  'docker \\\n  system \\\n  prune -f',
  '0 3 * * * root docker system prune -af >/dev/null',
  '@daily /usr/bin/docker container prune -f',
  'ExecStart=/usr/bin/docker system prune -f',
  'runcmd:\n- docker system prune -f',
  'crictl rm -a',
  'crictl rm --all',
  'crictl --runtime-endpoint unix:///run/containerd/containerd.sock rm $(crictl ps -a -q --state Exited)',
  'crictl ps -a -q -s exited | xargs crictl rm',
  'nerdctl -n k8s.io container prune -f',
  'nerdctl --namespace=k8s.io system prune -f',
  'export CONTAINERD_NAMESPACE=k8s.io; nerdctl container prune -f',
  'ctr -n k8s.io containers rm $(ctr -n k8s.io containers ls -q)',
  'ctr --namespace k8s.io c ls -q | xargs ctr --namespace k8s.io c del',
  'DOCKER=/usr/bin/docker\n$DOCKER system prune -f',
  'echo "it\'s late"; docker system prune -f # don\'t ask',
  'docker ps -aq -f status=exited | xargs -I {} docker rm {}',
  'clean() { docker system prune -f; }\nclean',
  'su - root -c "docker system prune -f"',
  'k3s crictl rm -a',
  'echo "0 3 * * * root docker system prune -f" > /host/etc/cron.d/prune',
  "printf '0 3 * * * root docker container prune -f\\n' >>/host/etc/crontab",
  'cat <<EOF > /etc/cron.daily/prune\n#!/bin/sh\ndocker system prune -f\nEOF',
])
  removes(script, () => assert.is(pruneCommandsIn(script).length, 1));

removes.run();

const harmless = suite('removes no containers of pods');

for (const script of [
  'docker image prune -af',
  'docker builder prune -f',
  'docker volume prune -f; docker network prune -f',
  'docker rm -f registry-mirror',
  'docker container rm buildkitd',
  'docker rmi $(docker images -q)',
  'docker rm $(docker ps -aq --filter name=ci-)',
  'docker rm $(docker ps -aqf label=ci=true)',
  'docker rm $(docker ps -aq --filter ancestor=builder:1)',
  "docker ps -a | grep -v k8s_ | awk '{print $1}' | xargs docker rm",
  'docker ps -a | grep builder | xargs docker rm',
  'docker rm -f $(docker ps -q)',
  'cid=$(docker create alpine)\ndocker rm $cid',
  'cid=$(docker run -d alpine)\ndocker ps -a\ndocker rm "$cid"',
  'docker container prune -f --filter "label!=io.kubernetes.pod.name"',
  'docker system prune -f --filter=label=stage=build',
  '# docker system prune -f',
  'true # docker container prune',
  'echo "never run docker system prune here"',
  'echo "never run docker system prune here" > /var/log/cleanup',
  'echo "docker system prune is no job for cron"',
  "logger -t cleanup 'docker system prune -f'",
  'grep -q "docker system prune" /etc/crontab',
  'docker -H tcp://builder:2375 system prune -f',
  'docker --host=ssh://root@builder system prune -f',
  'nerdctl container prune -f',
  'nerdctl system prune -af',
  'ctr containers rm $(ctr containers ls -q)',
  'ctr -n k8s.io images prune --all',
  'crictl rmi --prune',
  'crictl rm 87d3992f84f74',
  'crictl ps -a',
  'kubectl delete pod --field-selector=status.phase==Failed -A',
  'rm -rf /var/lib/docker/tmp/*',
  'git remote prune origin; docker ps',
  'The operator may docker system prune, if he likes.',
  '',
])
  harmless(script || 'nothing', () => assert.equal(pruneCommandsIn(script), []));

harmless('text of any kind is read to its end', () => {
  const odd = [
    'docker rm $(',
    'docker rm `',
    'docker rm "',
    "docker rm '",
    'docker rm $((1',
    '((((docker prune',
    '\\',
    'docker prune \\',
  ];
  for (const text of odd) assert.equal(pruneCommandsIn(text), []);
  pruneCommandsIn(`docker rm ${'$('.repeat(5000)}`);
  pruneCommandsIn(`docker rm ${'\'"'.repeat(5000)}`);
});

harmless.run();
