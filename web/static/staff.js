// Names the chosen files, which the hidden file input would not show. The page works without this.
const input = document.getElementById("files");
const chosen = document.getElementById("chosen");
if (input && chosen) {
  input.addEventListener("change", () => {
    chosen.textContent = Array.from(input.files, (file) => file.name).join("、");
  });
}
