// Names the chosen files, which the hidden file input would not show, and says before anything is sent which of them would
// be refused: afterwards all would have to be chosen again. The page works without this, and the server decides.
const input = document.getElementById("files");
const chosen = document.getElementById("chosen");
if (input && chosen) {
  const says = input.dataset;
  const endings = input.accept.split(",");
  const refusal = (file, place) => {
    if (!endings.some((ending) => file.name.toLowerCase().endsWith(ending))) return says.sayKind;
    if (file.size > Number(says.most)) return says.saySize;
    return place < Number(says.count) ? "" : says.sayCount;
  };
  input.addEventListener("change", () => {
    const files = Array.from(input.files, (file, place) => [file.name, refusal(file, place)]);
    chosen.textContent = files.map(([name, why]) => (why ? `${name}（${why}）` : name)).join("、");
    chosen.className = files.some(([, why]) => why) ? "refused" : "";
    input.setCustomValidity(files.filter(([, why]) => why).map(([name, why]) => `${name}：${why}`).join("；"));
  });
}
